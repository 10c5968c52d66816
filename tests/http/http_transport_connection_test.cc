// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Le;
using ::testing::SizeIs;

// Which connections carry the requests.
class HttpTransportConnectionTest : public HttpTransportTest {
 protected:
  static Script Answer() { return Script().Send(ReplyText(200, "reply")); }

  // Posts `count` requests at once and waits until `server` has received all of them; then opens
  // `gate` for the replies, all of which must be good.
  static void PostTogether(HttpClient& client, const ScriptedServer& server,
                           const std::shared_ptr<const HttpTarget>& target, int count, Gate& gate) {
    CallContext context(DeadlineIn(absl::Seconds(30)));
    const size_t before = server.requests().size();
    std::vector<PendingReply> replies(static_cast<size_t>(count));
    for (PendingReply& reply : replies) client.Post({target, "body"}, context, reply.Callback());
    ASSERT_TRUE(server.AwaitRequests(static_cast<int>(before) + count));
    gate.Open();
    for (const PendingReply& reply : replies) ASSERT_THAT(reply.Await(), IsOk());
  }
};

TEST_P(HttpTransportConnectionTest, IsReused) {
  const ScriptedServer server([](const ScriptedServer::Request&) { return Answer(); });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  const auto other_target = Target(server.Url("/other"), {"Other: field"});
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(Post(*client, target), IsOk());
    ASSERT_THAT(Post(*client, other_target), IsOk());
  }
  EXPECT_THAT(server.connections(), Eq(1));
  EXPECT_THAT(server.requests(), SizeIs(40));
}

TEST_P(HttpTransportConnectionTest, IsNotReusedIfTheServerSaysSo) {
  const ScriptedServer server([](const ScriptedServer::Request&) {
    return Script().Send(ReplyText(200, "reply", "Connection: close\r\n"));
  });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(3));
  EXPECT_TRUE(server.AwaitPeerCloses(3));
}

TEST_P(HttpTransportConnectionTest, IsReplacedIfTheServerHasClosedIt) {
  for (const bool reset : {false, true}) {
    // From its third request on, a connection is watched in a different way.
    for (const int requests : {1, 2, 3, 4}) {
      Gate gate;
      std::atomic<int> request{0};
      const ScriptedServer server([&](const ScriptedServer::Request&) {
        if (++request % requests != 0) return Answer();
        Script script = Answer().WaitFor(gate);
        return reset ? script.Reset() : script.Close();
      });
      const auto client = MakeClient(Options());
      const auto target = Target(server.Url());
      for (int i = 0; i < requests; ++i) ASSERT_THAT(Post(*client, target), IsOk());
      gate.Open();
      ASSERT_TRUE(server.AwaitScriptedEnds(1));
      for (int i = 0; i < requests; ++i) EXPECT_THAT(Post(*client, target), IsOk()) << reset;
      EXPECT_THAT(server.connections(), Eq(2));
      EXPECT_THAT(server.requests(), SizeIs(2 * requests));
    }
  }
}

// The case that the check before use cannot detect: the server closes the connection when the
// request is already in flight.
TEST_P(HttpTransportConnectionTest, IsReplacedIfItIsClosedBeforeTheReply) {
  for (const bool reset : {false, true}) {
    std::atomic<int> requests{0};
    const ScriptedServer server([&](const ScriptedServer::Request&) {
      if (++requests != 2) return Answer();
      return reset ? Script().Reset() : Script().Close();
    });
    const auto client = MakeClient(Options());
    const auto target = Target(server.Url());
    ASSERT_THAT(Post(*client, target, "first"), IsOk());
    EXPECT_THAT(Post(*client, target, "second"), IsOk()) << reset;
    ASSERT_THAT(server.requests(), SizeIs(3));
    EXPECT_THAT(server.requests()[1].body, Eq("second"));
    EXPECT_THAT(server.requests()[2].body, Eq("second"));
    EXPECT_THAT(server.connections(), Eq(2));
  }
}

TEST_P(HttpTransportConnectionTest, IsReplacedEvenIfOthersAreIdle) {
  Gate gate;
  std::atomic<int> requests{0};
  const ScriptedServer server([&](const ScriptedServer::Request&) {
    const int request = ++requests;
    if (request <= 2) return Script().WaitFor(gate).Send(ReplyText(200, "reply"));
    return request == 3 ? Script().Close() : Answer();
  });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  PostTogether(*client, server, target, 2, gate);
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.requests(), SizeIs(4));
  // By another idle one or by a new one.
  EXPECT_THAT(server.connections(), Le(3));
}

TEST_P(HttpTransportConnectionTest, IsDroppedAfterAPartialReply) {
  std::atomic<int> requests{0};
  const ScriptedServer server([&](const ScriptedServer::Request&) {
    if (++requests != 2) return Answer();
    return Script().Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").Close();
  });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(Post(*client, target), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.requests(), SizeIs(3));
  EXPECT_THAT(server.connections(), Eq(2));
}

TEST_P(HttpTransportConnectionTest, FiveHundredRequestsEachGetOne) {
  constexpr int kCount = 500;
  Gate gate;
  const ScriptedServer server([&](const ScriptedServer::Request&) {
    return Script().WaitFor(gate).Send(ReplyText(200, ""));
  });
  const auto client = MakeClient(Options());
  PostTogether(*client, server, Target(server.Url()), kCount, gate);
  EXPECT_THAT(server.connections(), Eq(kCount));
}

TEST_P(HttpTransportConnectionTest, NoMoreIdleOnesAreKeptThanAllowed) {
  constexpr int kCount = 40;
  constexpr int kIdle = 8;
  HttpClientOptions options = Options();
  options.max_idle_connections = kIdle;
  Gate gate;
  const ScriptedServer server([&](const ScriptedServer::Request&) {
    return Script().WaitFor(gate).Send(ReplyText(200, ""));
  });
  const auto client = MakeClient(options);
  PostTogether(*client, server, Target(server.Url()), kCount, gate);
  // A transport may close one connection for each reply that finds too many; the last reply may
  // then find one too many.
  EXPECT_TRUE(server.AwaitPeerCloses(kCount - kIdle - 1));
}

// If the limit were one of all connections, each of these replies would close a connection that the
// next request needs.
TEST_P(HttpTransportConnectionTest, IsKeptHoweverManyMoreAreInUseThanMayBeIdle) {
  constexpr int kCount = 40;
  HttpClientOptions options = Options();
  options.max_idle_connections = 1;
  Gate shut;
  const ScriptedServer server([&](const ScriptedServer::Request& request) {
    return request.body == "wait" ? Script().WaitFor(shut) : Answer();
  });
  const auto client = MakeClient(options);
  const auto target = Target(server.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  std::vector<PendingReply> waiting(kCount);
  for (PendingReply& reply : waiting) client->Post({target, "wait"}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(kCount));
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(kCount + 1));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportConnectionTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
