// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/wire_http_client.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "tests/fakes/closed_port.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Clock = std::chrono::steady_clock;

// What this transport promises beyond what every transport does.
class WireHttpClientTest : public ::testing::TestWithParam<bool> {
 protected:
  static absl::optional<TestCertificate> Certificate(const TestAuthority& authority) {
    if (!GetParam()) return absl::nullopt;
    return authority.Issue("IP:127.0.0.1");
  }

  std::unique_ptr<WireHttpClient> MakeClient(HttpClientOptions options = {}) {
    options.request_timeout = absl::Seconds(30);
    return *WireHttpClient::New(options, *TrustStore::Load(authority_.CertificateFile()));
  }

  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, "reply"));
  }

  // Answers every request, and closes the connection of the first one behind `gate`.
  static std::function<Script(const ScriptedServer::Request&)> AnswerAndClose(const Gate& gate) {
    return [&gate, requests = std::make_shared<std::atomic<int>>(0)](
               const ScriptedServer::Request& request) {
      return ++*requests == 1 ? Answer(request).WaitFor(gate).Close() : Answer(request);
    };
  }

  // Occupies the client's thread until `done`.
  static void Occupy(WireHttpClient& client, const absl::Notification& done) {
    absl::Notification busy;
    client.timers().Schedule(Clock::time_point::min(), [&] {
      busy.Notify();
      done.WaitForNotification();
    });
    busy.WaitForNotification();
  }

  const TestAuthority authority_{"authority"};
  CallContext context_{Clock::now() + std::chrono::seconds(30)};
};

TEST_P(WireHttpClientTest, SendsOverAnIdleConnectionWithoutItsThread) {
  const ScriptedServer server(&Answer, Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient();
  PendingReply first;
  client->Post({target, "first"}, context_, first.Callback());
  ASSERT_THAT(first.Await(), IsOk());
  absl::Notification done;
  Occupy(*client, done);
  PendingReply second;
  client->Post({target, "second"}, context_, second.Callback());
  EXPECT_TRUE(server.AwaitRequests(2));
  EXPECT_FALSE(second.answered());
  done.Notify();
  EXPECT_THAT(second.Await(), IsOk());
  EXPECT_THAT(server.connections(), Eq(1));
}

// The peer closes while the thread that would notice is busy, so the request is written into a dead
// connection.
TEST_P(WireHttpClientTest, ARequestSentIntoAConnectionThatThePeerHasClosedIsSentAgain) {
  Gate gate;
  const ScriptedServer server(AnswerAndClose(gate), Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient();
  PendingReply first;
  client->Post({target, "first"}, context_, first.Callback());
  ASSERT_THAT(first.Await(), IsOk());
  absl::Notification done;
  Occupy(*client, done);
  gate.Open();
  ASSERT_TRUE(server.AwaitScriptedEnds(1));
  std::vector<PendingReply> replies(3);
  for (PendingReply& reply : replies) client->Post({target, "later"}, context_, reply.Callback());
  done.Notify();
  for (const PendingReply& reply : replies) EXPECT_THAT(reply.Await(), IsOk());
  EXPECT_THAT(server.requests(), SizeIs(4));
}

TEST_P(WireHttpClientTest, ACancellationAndADeadlineWhileItsThreadIsBusyEndTheCalls) {
  Gate shut;
  const ScriptedServer server(
      [&](const ScriptedServer::Request& request) {
        return request.body == "wait" ? Script().WaitFor(shut) : Answer(request);
      },
      Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient();
  for (const bool cancelled : {true, false}) {
    PendingReply first;
    client->Post({target, "first"}, context_, first.Callback());
    ASSERT_THAT(first.Await(), IsOk());
    absl::Notification done;
    Occupy(*client, done);
    CallContext context(Clock::now() + std::chrono::milliseconds(cancelled ? 30000 : 50));
    PendingReply reply;
    client->Post({target, "wait"}, context, reply.Callback());
    if (cancelled) context.Cancel();
    done.Notify();
    EXPECT_THAT(reply.Await(), StatusIs(cancelled ? absl::StatusCode::kCancelled
                                                  : absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_TRUE(server.AwaitPeerCloses(2));
}

// More than a socket takes at once, so the client's thread has to send the rest.
TEST_P(WireHttpClientTest, ALargeRequestGoesOverAnIdleConnectionToo) {
  const ScriptedServer server(&Answer, Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient();
  const std::string large(20 << 20, 'x');
  for (int i = 0; i < 3; ++i) {
    PendingReply reply;
    client->Post({target, large}, context_, reply.Callback());
    ASSERT_THAT(reply.Await(), IsOk());
  }
  ASSERT_THAT(server.requests(), SizeIs(3));
  for (const auto& request : server.requests()) EXPECT_TRUE(request.body == large);
  EXPECT_THAT(server.connections(), Eq(1));
}

// The client's thread finds at the same time that the connection is dead, and that the request was
// not sent completely.
TEST_P(WireHttpClientTest, ALargeRequestSentIntoADeadConnectionIsSentAgainOnce) {
  Gate gate;
  const ScriptedServer server(AnswerAndClose(gate), Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient();
  PendingReply first;
  client->Post({target, "first"}, context_, first.Callback());
  ASSERT_THAT(first.Await(), IsOk());
  absl::Notification done;
  Occupy(*client, done);
  gate.Open();
  ASSERT_TRUE(server.AwaitScriptedEnds(1));
  PendingReply large;
  client->Post({target, std::string(20 << 20, 'x')}, context_, large.Callback());
  done.Notify();
  EXPECT_THAT(large.Await(), IsOk());
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_THAT(server.connections(), Eq(2));
}

TEST_P(WireHttpClientTest, AFailureNamesNoPeerOfAnEarlierCall) {
  const ClosedPort closed;
  const auto client = MakeClient();
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{closed.Url(), {}});
  context_.Cancel();
  CallContext context(Clock::now() + std::chrono::seconds(30));
  PendingReply refused;
  client->Post({target, ""}, context, refused.Callback());
  EXPECT_THAT(absl::get<HttpFailure>(refused.AwaitResult()).peer, Not(IsEmpty()));
  PendingReply cancelled;
  client->Post({target, ""}, context_, cancelled.Callback());
  EXPECT_THAT(absl::get<HttpFailure>(cancelled.AwaitResult()).peer, IsEmpty());
}

TEST_P(WireHttpClientTest, AnIdleConnectionIsClosedInTime) {
  const ScriptedServer server(&Answer, Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient({.idle_timeout = absl::Seconds(1)});
  PendingReply reply;
  client->Post({target, ""}, context_, reply.Callback());
  ASSERT_THAT(reply.Await(), IsOk());
  // Nothing else wakes the client.
  EXPECT_TRUE(server.AwaitPeerCloses(1));
}

TEST_P(WireHttpClientTest, BytesThatNobodyAskedForEndAnIdleConnection) {
  Gate gate;
  const ScriptedServer server(
      [&](const ScriptedServer::Request& request) {
        if (request.body != "first") return Answer(request);
        return Answer(request).WaitFor(gate).Send(ReplyText(408, "too late"));
      },
      Certificate(authority_));
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client = MakeClient();
  PendingReply first;
  client->Post({target, "first"}, context_, first.Callback());
  ASSERT_THAT(first.Await(), IsOk());
  gate.Open();
  ASSERT_TRUE(server.AwaitPeerCloses(1));
  PendingReply second;
  client->Post({target, "second"}, context_, second.Callback());
  ASSERT_THAT(second.Await(), IsOk());
  EXPECT_THAT(second.Await()->status, Eq(200));
}

INSTANTIATE_TEST_SUITE_P(, WireHttpClientTest, ::testing::Bool(), [](const auto& test) {
  return std::string(test.param ? "Tls" : "Clear");
});

}  // namespace
}  // namespace uid2::testing
