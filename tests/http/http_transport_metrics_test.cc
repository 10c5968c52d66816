// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/timers.h"
#include "server/http/http_transport.h"
#include "tests/fakes/closed_port.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;

// What the client counts, compared with what its server sees.
class HttpTransportMetricsTest : public HttpTransportTest {
 protected:
  static Script Answer() { return Script().Send(ReplyText(200, "reply")); }
};

TEST_P(HttpTransportMetricsTest, StartAtZero) {
  (void)MakeClient(Options());
  (void)Target("https://operator.example");
  EXPECT_THAT(Total("operator_requests_sent_total"), Eq(0));
  EXPECT_THAT(Total("operator_requests_resent_total"), Eq(0));
  EXPECT_THAT(Total("operator_new_connections_total"), Eq(0));
  EXPECT_THAT(Total("operator_lookups_total"), Eq(0));
  EXPECT_THAT(Total("operator_lookup_failures_total"), Eq(0));
  EXPECT_THAT(Total("operator_inflight"), Eq(0));
  EXPECT_THAT(Total("operator_connections"), Eq(0));
  EXPECT_THAT(Total("operator_requests_without_address"), Eq(0));
  EXPECT_THAT(Total("timers"), Eq(0));
}

TEST_P(HttpTransportMetricsTest, CountRequestsAndConnections) {
  const ScriptedServer server([](const ScriptedServer::Request&) { return Answer(); });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(Total("operator_requests_sent_total"), Eq(5));
  EXPECT_THAT(Total("operator_requests_resent_total"), Eq(0));
  EXPECT_THAT(Total("operator_new_connections_total"), Eq(1));
}

// The server sees more requests than there are calls.
TEST_P(HttpTransportMetricsTest, CountRequestsSentAgainOnAnotherConnection) {
  for (const bool tls : {false, true}) {
    for (const bool reset : {false, true}) {
      std::atomic<int> requests{0};
      const ScriptedServer server(
          [&](const ScriptedServer::Request&) {
            if (++requests % 2 == 1) return Answer();
            return reset ? Script().Reset() : Script().Close();
          },
          tls ? absl::make_optional(authority_.Issue("IP:127.0.0.1")) : absl::nullopt);
      const auto client = MakeClient(Options());
      const auto target = Target(server.Url());
      constexpr int kCalls = 4;
      for (int i = 0; i < kCalls; ++i) ASSERT_THAT(Post(*client, target), IsOk());
      EXPECT_THAT(Total("operator_requests_resent_total"), Eq(kCalls - 1));
      EXPECT_THAT(Total("operator_requests_sent_total"), Eq(2 * kCalls - 1));
      EXPECT_THAT(server.requests(), SizeIs(2 * kCalls - 1));
      EXPECT_THAT(Total("operator_new_connections_total"), Eq(server.connections()));
    }
  }
}

TEST_P(HttpTransportMetricsTest, CountNothingSentIfTheConnectionIsRefused) {
  const ClosedPort closed;
  const auto client = MakeClient(Options());
  ASSERT_THAT(Post(*client, Target(closed.Url())), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Total("operator_requests_sent_total"), Eq(0));
  EXPECT_THAT(Total("operator_new_connections_total"), Eq(1));
  EXPECT_THAT(Total("operator_connections"), Eq(0));
}

TEST_P(HttpTransportMetricsTest, CountRequestsToEachTargetApart) {
  const ScriptedServer server([](const ScriptedServer::Request&) { return Answer(); });
  const ScriptedServer other([](const ScriptedServer::Request&) { return Script().Close(); });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url("/one"));
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Post(*client, target), IsOk());
  ASSERT_THAT(Post(*client, Target(other.Url("/two"))), StatusIs(absl::StatusCode::kUnavailable));
  for (const char* name : {"operator_requests_sent_total", "operator_new_connections_total"}) {
    EXPECT_THAT(Total(name, other.Url("/two")), Eq(1)) << name;
  }
  EXPECT_THAT(Total("operator_requests_sent_total", server.Url("/one")), Eq(2));
  EXPECT_THAT(Total("operator_requests_sent_total", "brand"), Eq(3));
  EXPECT_THAT(Total("operator_connections", server.Url("/one")), Eq(1));
  EXPECT_THAT(Total("operator_connections", other.Url("/two")), Eq(0));
}

// As a probe's are, whose connections may be reused by others.
TEST_P(HttpTransportMetricsTest, OnlyTheConnectionsOfATargetThatIsNotTrafficCount) {
  const ScriptedServer server([](const ScriptedServer::Request&) { return Answer(); });
  const auto client = MakeClient(Options());
  const auto traffic = Target(server.Url());
  HttpTarget probed = {server.Url(), {}};
  probed.metrics.connections = traffic->metrics.connections;
  ASSERT_THAT(Post(*client, std::make_shared<const HttpTarget>(probed)), IsOk());
  EXPECT_THAT(Total("operator_requests_sent_total"), Eq(0));
  EXPECT_THAT(Total("operator_new_connections_total"), Eq(0));
  EXPECT_THAT(Total("operator_connections", "idle"), Eq(1));
  ASSERT_THAT(Post(*client, traffic), IsOk());
  EXPECT_THAT(Total("operator_requests_sent_total"), Eq(1));
  EXPECT_THAT(Total("operator_connections", "idle"), Eq(1));
  EXPECT_THAT(server.connections(), Eq(1));
}

TEST_P(HttpTransportMetricsTest, CountConnectionsInUseAndKeptUntilTheyAreClosed) {
  for (const bool tls : {false, true}) {
    Gate gate;
    const ScriptedServer server(
        [&](const ScriptedServer::Request&) {
          return Script().WaitFor(gate).Send(ReplyText(200, "reply"));
        },
        tls ? absl::make_optional(authority_.Issue("IP:127.0.0.1")) : absl::nullopt);
    auto client = MakeClient(Options());
    const auto target = Target(server.Url());
    CallContext context(DeadlineIn(absl::Seconds(30)));
    std::vector<PendingReply> replies(3);
    for (PendingReply& reply : replies) client->Post({target, "body"}, context, reply.Callback());
    ASSERT_TRUE(server.AwaitRequests(3));
    EXPECT_THAT(Total("operator_connections", "active"), Eq(3));
    EXPECT_THAT(Total("operator_connections", "idle"), Eq(0));
    gate.Open();
    for (PendingReply& reply : replies) EXPECT_THAT(reply.Await(), IsOk());
    EXPECT_THAT(Total("operator_connections", "active"), Eq(0));
    EXPECT_THAT(Total("operator_connections", "idle"), Eq(3));
    client.reset();
    EXPECT_THAT(Total("operator_connections"), Eq(0));
    EXPECT_THAT(Total("operator_new_connections_total"), Eq(server.connections()));
  }
}

TEST_P(HttpTransportMetricsTest, CountRequestsInFlightAndReturnToZeroHoweverTheyEnd) {
  Gate gate;
  const ScriptedServer server([&](const ScriptedServer::Request& request) {
    if (request.body == "cut") return Script().WaitFor(gate).Cut();
    return Script().WaitFor(gate).Send(ReplyText(200, ""));
  });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  CallContext cancelled(DeadlineIn(absl::Seconds(30)));
  std::vector<PendingReply> replies(4);
  client->Post({target, ""}, context, replies[0].Callback());
  client->Post({target, "cut"}, context, replies[1].Callback());
  client->Post({target, ""}, cancelled, replies[2].Callback());
  ASSERT_TRUE(server.AwaitRequests(3));
  EXPECT_THAT(Total("operator_inflight"), Eq(3));
  cancelled.Cancel();
  EXPECT_THAT(replies[2].Await(), StatusIs(absl::StatusCode::kCancelled));
  CallContext short_of_time(DeadlineIn(absl::Milliseconds(50)));
  client->Post({target, ""}, short_of_time, replies[3].Callback());
  EXPECT_THAT(replies[3].Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(Total("operator_inflight"), Eq(2));
  gate.Open();
  EXPECT_THAT(replies[0].Await(), IsOk());
  EXPECT_THAT(replies[1].Await(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Total("operator_inflight"), Eq(0));
}

TEST_P(HttpTransportMetricsTest, CountPendingTimers) {
  const auto client = MakeClient(Options());
  const Timers::Id id = client->timers().Schedule(DeadlineIn(absl::Hours(1)), [] {});
  EXPECT_THAT(Total("timers"), Eq(1));
  EXPECT_TRUE(client->timers().Cancel(id));
  EXPECT_THAT(Total("timers"), Eq(0));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportMetricsTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
