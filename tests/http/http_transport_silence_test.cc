// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <chrono>
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
using ::testing::Ge;
using ::testing::Lt;

constexpr int kConnections = 8;

// A balancer that forgets the connections that it has, without a word. New ones are served.
class HttpTransportSilenceTest : public HttpTransportTest {
 protected:
  Script Serve() {
    // Each connection has a thread.
    thread_local bool known = false;
    if (!forgotten_) known = true;
    if (known && forgotten_) return Script().WaitFor(never_);
    return Script().WaitFor(together_).Send(ReplyText(200, ""));
  }

  // Leaves eight idle connections that the balancer has forgotten.
  void SetUp() override {
    std::vector<PendingReply> replies(kConnections);
    CallContext context(DeadlineIn(absl::Seconds(30)));
    for (PendingReply& reply : replies) client_->Post({target_, ""}, context, reply.Callback());
    ASSERT_TRUE(server_.AwaitRequests(kConnections));
    together_.Open();
    for (const PendingReply& reply : replies) ASSERT_THAT(reply.Await(), IsOk());
    ASSERT_THAT(server_.connections(), Eq(kConnections));
    forgotten_ = true;
  }

  absl::Status PostWithin(absl::Duration time) {
    CallContext context(DeadlineIn(time));
    PendingReply reply;
    client_->Post({target_, ""}, context, reply.Callback());
    return reply.Await().status();
  }

  std::atomic<bool> forgotten_{false};
  Gate together_;
  Gate never_;
  const ScriptedServer server_{[this](const ScriptedServer::Request&) { return Serve(); }};
  const std::shared_ptr<const HttpTarget> target_ = Target(server_.Url());
  const std::unique_ptr<HttpTransport> client_ = MakeClient(Options());
};

TEST_P(HttpTransportSilenceTest, LeavesTimeForAnotherAttempt) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(PostWithin(absl::Seconds(4)), StatusIs(absl::StatusCode::kDeadlineExceeded));
  const absl::Duration taken = absl::FromChrono(std::chrono::steady_clock::now() - begin);
  EXPECT_THAT(taken, Ge(absl::Seconds(2)));
  EXPECT_THAT(taken, Lt(absl::Seconds(4)));
}

TEST_P(HttpTransportSilenceTest, LeavesNoTimeIfAnotherAttemptHasTooLittle) {
  const auto deadline = DeadlineIn(absl::Milliseconds(200));
  EXPECT_THAT(PostWithin(absl::Milliseconds(200)), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(std::chrono::steady_clock::now(), Ge(deadline));
}

TEST_P(HttpTransportSilenceTest, AllForgottenConnectionsAreClosedAfterTheFirstTimeout) {
  EXPECT_THAT(PostWithin(absl::Seconds(1)), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(server_.AwaitPeerCloses(kConnections));
  EXPECT_THAT(PostWithin(absl::Seconds(10)), IsOk());
  EXPECT_THAT(server_.connections(), Eq(kConnections + 1));
}

TEST_P(HttpTransportSilenceTest, AConnectionThatHasAnsweredMeanwhileIsKept) {
  CallContext context(DeadlineIn(absl::Seconds(4)));
  std::vector<PendingReply> lost(kConnections);
  for (PendingReply& reply : lost) client_->Post({target_, ""}, context, reply.Callback());
  ASSERT_TRUE(server_.AwaitRequests(2 * kConnections));
  EXPECT_THAT(PostWithin(absl::Seconds(10)), IsOk());
  for (const PendingReply& reply : lost) {
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_THAT(PostWithin(absl::Seconds(10)), IsOk());
  EXPECT_THAT(server_.connections(), Eq(kConnections + 1));
}

TEST_P(HttpTransportSilenceTest, ANewConnectionMayTakeTheWholeTime) {
  EXPECT_THAT(PostWithin(absl::Seconds(1)), StatusIs(absl::StatusCode::kDeadlineExceeded));
  Gate slow;
  const ScriptedServer server([&](const ScriptedServer::Request&) {
    return Script().WaitFor(slow).Send(ReplyText(200, ""));
  });
  client_->timers().Schedule(DeadlineIn(absl::Seconds(2)), [&] { slow.Open(); });
  CallContext context(DeadlineIn(absl::Milliseconds(3500)));
  PendingReply reply;
  client_->Post({Target(server.Url()), ""}, context, reply.Callback());
  EXPECT_THAT(reply.Await(), IsOk());
}

class HttpTransportPatienceTest : public HttpTransportTest {};

// A cut would lose calls that it should save.
TEST_P(HttpTransportPatienceTest, AServerThatAlwaysTakesLongIsGivenTheWholeTime) {
  const ScriptedServer server([](const ScriptedServer::Request&) {
    return Script()
        .Repeat("HTTP/1.1 100 Continue\r\n\r\n", 6, absl::Milliseconds(100))
        .Send(ReplyText(200, ""));
  });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  for (int i = 0; i < 3; ++i) {
    CallContext context(DeadlineIn(absl::Seconds(1)));
    PendingReply reply;
    client->Post({target, ""}, context, reply.Callback());
    EXPECT_THAT(reply.Await(), IsOk());
  }
  EXPECT_THAT(server.connections(), Eq(1));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportSilenceTest, EachTransport(), TransportName);
INSTANTIATE_TEST_SUITE_P(, HttpTransportPatienceTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
