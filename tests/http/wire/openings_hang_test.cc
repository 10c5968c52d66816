// SPDX-License-Identifier: Apache-2.0

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
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
#include "server/http/wire/openings.h"
#include "server/http/wire/wire_http_client.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/server_stream.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/wire/stalling_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using Clock = std::chrono::steady_clock;

// Handshakes that are never answered, as behind a balancer of which one server is dead.
class OpeningsHangTest : public ::testing::Test {
 protected:
  OpeningsHangTest() {
    // OpenSSL writes to sockets without MSG_NOSIGNAL.
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) std::abort();
  }

  PendingReply& Post() {
    client_->Post({target_, "call"},
                  contexts_.emplace_back(Clock::now() + std::chrono::seconds(30)),
                  replies_.emplace_back().Callback());
    return replies_.back();
  }

  // Returns when a call that begins now is given up, which shows that the loop has had that time.
  void Pass(std::chrono::milliseconds time) {
    const StallingServer other(authority_.Issue("IP:127.0.0.1"));
    CallContext context(Clock::now() + time);
    PendingReply reply;
    client_->Post({std::make_shared<const HttpTarget>(HttpTarget{other.Url(), {}}), "other"},
                  context, reply.Callback());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  }

  // Takes a connection, and answers its handshake and a request.
  ServerStream& Serve() {
    ServerStream& stream = *streams_.emplace_back(server_.Accept());
    EXPECT_TRUE(stream.Handshake());
    Answer(stream, "call");
    return stream;
  }

  static constexpr std::chrono::seconds kConnectTimeout{4};
  static constexpr std::chrono::milliseconds kQuarter = kConnectTimeout / 4;

  const TestAuthority authority_{"authority"};
  StallingServer server_{authority_.Issue("IP:127.0.0.1")};
  const std::shared_ptr<const HttpTarget> target_ =
      std::make_shared<const HttpTarget>(HttpTarget{server_.Url(), {}});
  std::deque<CallContext> contexts_;
  std::deque<PendingReply> replies_;
  std::vector<std::unique_ptr<ServerStream>> streams_;
  const std::unique_ptr<WireHttpClient> client_ = *WireHttpClient::New(
      {.connect_timeout = absl::FromChrono(kConnectTimeout), .request_timeout = absl::Seconds(30)},
      *TrustStore::Load(authority_.CertificateFile()));
};

TEST_F(OpeningsHangTest, IfAllThatMayBeOpenedHangAnotherIsOpenedBeforeTheyTimeOut) {
  for (int i = 0; i < OpeningLimit::kFirst; ++i) Post();
  for (int i = 0; i < OpeningLimit::kFirst; ++i) streams_.push_back(server_.Accept());
  PendingReply& reply = Post();
  ASSERT_TRUE(server_.AwaitConnection());
  EXPECT_FALSE(replies_.front().answered());
  Serve();
  EXPECT_THAT(reply.Await(), IsOk());
}

// A call has got another connection, which it still uses, and has left one that hangs.
TEST_F(OpeningsHangTest, ACallDoesNotWaitForWhatAnotherHasLeftLongAgo) {
  PendingReply& first = Post();
  streams_.push_back(server_.Accept());
  Post();
  streams_.push_back(server_.Accept());
  ASSERT_TRUE(streams_.front()->Handshake());
  Answer(*streams_.front(), "call");
  ASSERT_THAT(first.Await(), IsOk());
  ReadRequest(*streams_.front(), "call");
  Pass(kQuarter);
  PendingReply& next = Post();
  ASSERT_TRUE(server_.AwaitConnection());
  Serve();
  EXPECT_THAT(next.Await(), IsOk());
}

TEST_F(OpeningsHangTest, ACallDoesNotWaitForWhatAnotherHasLeftThatLaterOnesHaveOvertaken) {
  Post();
  streams_.push_back(server_.Accept());
  Pass(kQuarter / 2);
  PendingReply& later = Post();
  ServerStream& stream = Serve();
  ASSERT_THAT(later.Await(), IsOk());
  // The first call's.
  ReadRequest(stream, "call");
  PendingReply& next = Post();
  ASSERT_TRUE(server_.AwaitConnection());
  Serve();
  EXPECT_THAT(next.Await(), IsOk());
}

}  // namespace
}  // namespace uid2::testing
