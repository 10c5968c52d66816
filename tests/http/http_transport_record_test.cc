// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;

// TLS carries bytes in records. A record may hold part of a reply, or nothing of any reply, and
// what the TLS library has already read is not seen by polling the socket.
class HttpTransportRecordTest : public HttpTransportTest {
 protected:
  std::unique_ptr<ScriptedServer> ServerThat(Script script) const {
    return std::make_unique<ScriptedServer>(
        [script = std::move(script)](const ScriptedServer::Request&) { return script; },
        authority_.Issue("IP:127.0.0.1"));
  }
};

TEST_P(HttpTransportRecordTest, AReplyWithARecordForEachByteIsRead) {
  constexpr int kBytes = 5000;
  const auto server = ServerThat(
      Script().Send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").Repeat("x", kBytes));
  const auto client = MakeClient(Options());
  const auto target = Target(server->Url());
  for (int i = 0; i < 3; ++i) {
    const absl::StatusOr<HttpReply> reply = Post(*client, target);
    ASSERT_THAT(reply, IsOk());
    EXPECT_THAT(reply->body, Eq(std::string(kBytes, 'x')));
  }
  EXPECT_THAT(server->connections(), Eq(1));
}

TEST_P(HttpTransportRecordTest, ARequestAndAReplyMayBeMuchLargerThanARecord) {
  HttpClientOptions options = Options();
  options.max_reply_bytes = 8 << 20;
  const std::string large(5 << 20, 'x');
  const auto server = ServerThat(Script().Send(ReplyText(200, large)));
  const auto client = MakeClient(options);
  const auto target = Target(server->Url());
  for (int i = 0; i < 3; ++i) {
    const absl::StatusOr<HttpReply> reply = Post(*client, target, large);
    ASSERT_THAT(reply, IsOk());
    EXPECT_TRUE(reply->body == large);
  }
  EXPECT_TRUE(server->requests()[2].body == large);
  EXPECT_THAT(server->connections(), Eq(1));
}

// The peer's request for new keys, and the answer to it, belong to no HTTP request.
TEST_P(HttpTransportRecordTest, KeysMayChangeBeforeDuringAndAfterAReply) {
  const std::string reply = ReplyText(200, "reply");
  const auto server = ServerThat(Script()
                                     .UpdateKeys()
                                     .Send(reply.substr(0, 10))
                                     .UpdateKeys()
                                     .Send(reply.substr(10))
                                     .UpdateKeys());
  const auto client = MakeClient(Options());
  const auto target = Target(server->Url());
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server->connections(), Eq(1));
  EXPECT_THAT(server->requests(), SizeIs(20));
}

// With pauses in which every connection is idle. A transport that waits for a socket although it
// has the bytes already stands still, at this load rather than at a higher one.
TEST_P(HttpTransportRecordTest, CallsAtASteadyRateAreAnsweredInTime) {
  constexpr int kCallers = 8;
  constexpr int kCalls = 150;
  const auto server = ServerThat(Script().Send(ReplyText(200, std::string(1000, 'x'))));
  const auto client = MakeClient(Options());
  const auto target = Target(server->Url());
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&] {
      auto next = std::chrono::steady_clock::now();
      for (int call = 0; call < kCalls; ++call) {
        ASSERT_THAT(Post(*client, target, std::string(1000, 'x')), IsOk());
        next += std::chrono::milliseconds(5);
        absl::Notification due;
        client->timers().Schedule(next, [&] { due.Notify(); });
        due.WaitForNotification();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(server->requests(), SizeIs(kCallers * kCalls));
  EXPECT_THAT(Total("operator_requests_resent_total"), Eq(0));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportRecordTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
