// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/openings.h"

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/opening_limit.h"
#include "server/http/wire/wire_http_client.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/wire/stalling_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using Clock = std::chrono::steady_clock;

void Require(bool done) {
  if (!done) std::abort();
}

class OpeningsTest : public ::testing::Test {
 protected:
  OpeningsTest() {
    // OpenSSL writes to sockets without MSG_NOSIGNAL, here also to those that the client has
    // closed.
    Require(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
  }

  std::unique_ptr<WireHttpClient> MakeClient(HttpClientOptions options = {}) {
    options.request_timeout = absl::Seconds(30);
    options.connect_timeout = absl::Seconds(20);
    return *WireHttpClient::New(options, *TrustStore::Load(authority_.CertificateFile()));
  }

  // A call that ends before the server answers its handshake. Returns the server's end of its
  // connection.
  std::unique_ptr<ServerStream> PostInVain(WireHttpClient& client) {
    // On a busy machine, a short time ends before there is a connection.
    for (std::chrono::milliseconds time(50); !server_.HasConnection(); time *= 2) {
      Require(time < std::chrono::seconds(30));
      CallContext context(Clock::now() + time);
      PendingReply reply;
      client.Post({target_, "in vain"}, context, reply.Callback());
      EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
    }
    return server_.Accept();
  }

  const TestAuthority authority_{"authority"};
  StallingServer server_{authority_.Issue("IP:127.0.0.1")};
  const std::shared_ptr<const HttpTarget> target_ =
      std::make_shared<const HttpTarget>(HttpTarget{server_.Url(), {}});
  CallContext context_{Clock::now() + std::chrono::seconds(30)};
};

TEST_F(OpeningsTest, AConnectionWhoseCallIsOverIsOpenedForTheNext) {
  const auto client = MakeClient();
  const auto stream = PostInVain(*client);
  ASSERT_TRUE(stream->Handshake());
  PendingReply reply;
  client->Post({target_, "next"}, context_, reply.Callback());
  Answer(*stream, "next");
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_F(OpeningsTest, ACallTakesTheConnectionOfAnEarlierCallIfThatIsOpenFirst) {
  const auto client = MakeClient();
  const auto stream = PostInVain(*client);
  PendingReply reply;
  client->Post({target_, "next"}, context_, reply.Callback());
  // Its own connection, whose handshake is not answered.
  ASSERT_TRUE(server_.AwaitConnection());
  ASSERT_TRUE(stream->Handshake());
  Answer(*stream, "next");
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_F(OpeningsTest, ACallTakesAConnectionThatBecomesFreeBeforeItsOwnIsOpen) {
  const auto client = MakeClient();
  PendingReply first;
  client->Post({target_, "first"}, context_, first.Callback());
  const auto stream = server_.Accept();
  CallContext context(Clock::now() + std::chrono::seconds(30));
  PendingReply second;
  client->Post({target_, "second"}, context, second.Callback());
  ASSERT_TRUE(server_.AwaitConnection());
  ASSERT_TRUE(stream->Handshake());
  Answer(*stream, "first");
  Answer(*stream, "second");
  EXPECT_THAT(first.Await(), IsOk());
  EXPECT_THAT(second.Await(), IsOk());
}

// Begins calls, which are in flight when the client is destroyed.
class OpeningsOfManyCallsTest : public OpeningsTest {
 protected:
  void Post(int count) {
    for (; count > 0; --count) {
      client_->Post({target_, "call"},
                    contexts_.emplace_back(Clock::now() + std::chrono::seconds(30)),
                    replies_.emplace_back().Callback());
    }
  }

  // Whether exactly `count` connections are being opened. Takes them.
  bool TakeConnections(int count) {
    for (; count > 0; --count) streams_.push_back(server_.Accept());
    // Does not wait for a connection, and shows that the loop has had time to open more.
    CallContext late(Clock::now());
    PendingReply too_late;
    client_->Post({target_, "too late"}, late, too_late.Callback());
    EXPECT_THAT(too_late.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
    return !server_.HasConnection();
  }

  std::deque<CallContext> contexts_;
  std::deque<PendingReply> replies_;
  std::vector<std::unique_ptr<ServerStream>> streams_;
  const std::unique_ptr<WireHttpClient> client_ = MakeClient();
};

TEST_F(OpeningsOfManyCallsTest, MoreAreOpenedOnlyAsTheServerAnswersHandshakes) {
  Post(OpeningLimit::kFirst + 4);
  ASSERT_TRUE(TakeConnections(OpeningLimit::kFirst));
  ASSERT_TRUE(streams_.front()->Handshake());
  Answer(*streams_.front(), "call");
  EXPECT_TRUE(server_.AwaitConnection());
}

TEST_F(OpeningsOfManyCallsTest, AfterSlowHandshakesFewAreOpenedAtATime) {
  // At least as long as the client's first handshake takes.
  const Clock::time_point begin = Clock::now();
  Post(1);
  ASSERT_TRUE(TakeConnections(1));
  ASSERT_TRUE(streams_.front()->Handshake());
  ReadRequest(*streams_.front(), "call");
  const Clock::duration fast = Clock::now() - begin;
  streams_.clear();

  Post(OpeningLimit::kFirst);
  ASSERT_TRUE(TakeConnections(OpeningLimit::kFirst));
  // Ends when the handshakes are late.
  CallContext context(Clock::now() + 4 * fast);
  PendingReply in_vain;
  client_->Post({target_, "in vain"}, context, in_vain.Callback());
  ASSERT_THAT(in_vain.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  for (const auto& stream : streams_) {
    ASSERT_TRUE(stream->Handshake());
    ReadRequest(*stream, "call");
  }
  Post(OpeningLimit::kLeast + 1);
  EXPECT_TRUE(TakeConnections(OpeningLimit::kLeast));
}

// A connection is being opened for a call that got another one, which it still uses.
class OpeningsOfServedCallTest : public OpeningsTest {
 protected:
  void SetUp() override {
    client_->Post({target_, "first"}, context_, first_.Callback());
    used_ = server_.Accept();
    client_->Post({target_, "served"}, served_context_, served_.Callback());
    ASSERT_TRUE(server_.AwaitConnection());
    ASSERT_TRUE(used_->Handshake());
    Answer(*used_, "first");
    ASSERT_THAT(first_.Await(), IsOk());
  }

  const std::unique_ptr<WireHttpClient> client_ = MakeClient();
  PendingReply first_;
  std::unique_ptr<ServerStream> used_;
  CallContext served_context_{Clock::now() + std::chrono::seconds(30)};
  PendingReply served_;
  CallContext next_context_{Clock::now() + std::chrono::seconds(30)};
  PendingReply next_;
};

TEST_F(OpeningsOfServedCallTest, TheNextCallWaitsForThatConnectionAndOpensNone) {
  client_->Post({target_, "next"}, next_context_, next_.Callback());
  const auto stream = server_.Accept();
  ASSERT_TRUE(stream->Handshake());
  Answer(*stream, "next");
  EXPECT_THAT(next_.Await(), IsOk());
  EXPECT_FALSE(server_.HasConnection());
}

TEST_F(OpeningsOfServedCallTest, TheNextCallFailsIfThatConnectionDoes) {
  const auto stream = server_.Accept();
  client_->Post({target_, "next"}, next_context_, next_.Callback());
  // The loop fails a late call after it has seen the one above.
  CallContext late(Clock::now());
  PendingReply too_late;
  client_->Post({target_, "too late"}, late, too_late.Callback());
  ASSERT_THAT(too_late.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  stream->Reset();
  EXPECT_THAT(next_.Await(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(server_.HasConnection());
}

TEST_F(OpeningsTest, AConnectionThatBecomesFreeIsNotForCallsToAnotherOrigin) {
  const StallingServer other(authority_.Issue("IP:127.0.0.1"));
  const auto client = MakeClient();
  PendingReply waiting;
  client->Post({target_, "waiting"}, context_, waiting.Callback());
  ASSERT_TRUE(server_.AwaitConnection());
  CallContext context(Clock::now() + std::chrono::seconds(30));
  PendingReply reply;
  client->Post({std::make_shared<const HttpTarget>(HttpTarget{other.Url(), {}}), "other"}, context,
               reply.Callback());
  const auto stream = other.Accept();
  ASSERT_TRUE(stream->Handshake());
  Answer(*stream, "other");
  EXPECT_THAT(reply.Await(), IsOk());
  EXPECT_FALSE(waiting.answered());
  const auto own = server_.Accept();
  ASSERT_TRUE(own->Handshake());
  Answer(*own, "waiting");
  EXPECT_THAT(waiting.Await(), IsOk());
}

TEST_F(OpeningsTest, NoMoreConnectionsAreOpenedWithoutCallsThanMayBeIdle) {
  const auto client = MakeClient({.max_idle_connections = 1});
  const auto kept = PostInVain(*client);
  const auto abandoned = PostInVain(*client);
  EXPECT_TRUE(kept->Handshake());
  EXPECT_FALSE(abandoned->Handshake());
}

TEST_F(OpeningsTest, AFailureWithoutACallDisturbsNobody) {
  const auto client = MakeClient();
  PostInVain(*client)->Reset();
  PendingReply reply;
  client->Post({target_, "next"}, context_, reply.Callback());
  const auto stream = server_.Accept();
  ASSERT_TRUE(stream->Handshake());
  Answer(*stream, "next");
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_F(OpeningsTest, AConnectionWithoutACallIsAbandonedWithTheClient) {
  auto client = MakeClient();
  const auto stream = PostInVain(*client);
  client.reset();
  EXPECT_FALSE(stream->Handshake());
}

}  // namespace
}  // namespace uid2::testing
