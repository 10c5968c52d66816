// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

// What ends a request before its reply: cancellation and the destruction of the client.
// The server does not answer while its gate is closed.
class HttpTransportBoundsTest : public HttpTransportTest {
 protected:
  Gate gate_;
  const ScriptedServer server_{[this](const ScriptedServer::Request&) {
    return Script().WaitFor(gate_).Send(ReplyText(200, "late"));
  }};
};

TEST_P(HttpTransportBoundsTest, CancellationEndsTheWaitAndTheConnection) {
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(server_.Url()), ""}, context, reply.Callback());
  ASSERT_TRUE(server_.AwaitRequests(1));
  EXPECT_FALSE(reply.answered());
  context.Cancel();
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  // The gate is closed and every time limit is far away, so only the cancellation can cause this.
  EXPECT_TRUE(server_.AwaitPeerCloses(1));
}

TEST_P(HttpTransportBoundsTest, CancellationOfOneCallDoesNotAffectOthers) {
  const auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  CallContext cancelled(DeadlineIn(absl::Seconds(30)));
  CallContext kept(DeadlineIn(absl::Seconds(30)));
  PendingReply first;
  PendingReply second;
  client->Post({target, ""}, cancelled, first.Callback());
  client->Post({target, ""}, kept, second.Callback());
  ASSERT_TRUE(server_.AwaitRequests(2));
  cancelled.Cancel();
  EXPECT_THAT(first.Await(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(second.answered());
  gate_.Open();
  EXPECT_THAT(second.Await(), IsOk());
}

TEST_P(HttpTransportBoundsTest, ACallThatIsAlreadyCancelledSendsNothing) {
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  context.Cancel();
  PendingReply reply;
  client->Post({Target(server_.Url()), ""}, context, reply.Callback());
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(server_.connections(), Eq(0));
}

TEST_P(HttpTransportBoundsTest, CancellationAfterTheReplyHasNoEffect) {
  gate_.Open();
  const auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({target, ""}, context, reply.Callback());
  ASSERT_THAT(reply.Await(), IsOk());
  context.Cancel();
  // The connection that the call used is kept for the next.
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server_.connections(), Eq(1));
}

TEST_P(HttpTransportBoundsTest, CancellationAffectsOnlyTheCurrentStep) {
  gate_.Open();
  const auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  // Like retries: several requests, one after another, in one context.
  CallContext context(DeadlineIn(absl::Seconds(30)));
  for (int i = 0; i < 3; ++i) {
    PendingReply reply;
    client->Post({target, ""}, context, reply.Callback());
    ASSERT_THAT(reply.Await(), IsOk());
  }
  context.Cancel();
  PendingReply reply;
  client->Post({target, ""}, context, reply.Callback());
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_P(HttpTransportBoundsTest, AnswersOnceIfCancellationAndReplyCoincide) {
  gate_.Open();
  const auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  for (int i = 0; i < 300; ++i) {
    CallContext context(DeadlineIn(absl::Seconds(30)));
    PendingReply reply;
    client->Post({target, ""}, context, reply.Callback());
    context.Cancel();
    const absl::StatusOr<HttpReply> result = reply.Await();
    ASSERT_TRUE(result.ok() || absl::IsCancelled(result.status())) << result.status();
  }
}

TEST_P(HttpTransportBoundsTest, ManyThreadsMayCancel) {
  const auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int call = 0; call < 25; ++call) {
        CallContext context(DeadlineIn(absl::Seconds(30)));
        PendingReply reply;
        client->Post({target, ""}, context, reply.Callback());
        context.Cancel();
        ASSERT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_P(HttpTransportBoundsTest, DestructionCancelsRequestsInFlight) {
  auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  std::vector<PendingReply> replies(20);
  for (PendingReply& reply : replies) client->Post({target, ""}, context, reply.Callback());
  ASSERT_TRUE(server_.AwaitRequests(20));
  client.reset();
  for (const PendingReply& reply : replies) {
    // Answered by the time the destructor has returned.
    ASSERT_TRUE(reply.answered());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  }
  EXPECT_TRUE(server_.AwaitPeerCloses(20));
}

TEST_P(HttpTransportBoundsTest, DestructionCancelsRequestsThatHaveNotStarted) {
  for (int i = 0; i < 50; ++i) {
    auto client = MakeClient(Options());
    CallContext context(DeadlineIn(absl::Seconds(30)));
    PendingReply reply;
    client->Post({Target(server_.Url()), ""}, context, reply.Callback());
    client.reset();
    ASSERT_TRUE(reply.answered());
    ASSERT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  }
}

TEST_P(HttpTransportBoundsTest, DestructionAnswersRequestsThatCallbacksPostMeanwhile) {
  auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply again;
  client->Post({Target(server_.Url()), ""}, context, [&](const HttpResult&) {
    client->Post({Target(server_.Url()), ""}, context, again.Callback());
  });
  ASSERT_TRUE(server_.AwaitRequests(1));
  // Not reset(), which would set `client` to null before the callback uses it.
  client->~HttpTransport();
  EXPECT_TRUE(again.answered());
  EXPECT_THAT(again.Await(), StatusIs(absl::StatusCode::kCancelled));
  ::operator delete(client.release());
}

TEST_P(HttpTransportBoundsTest, CancellationAfterDestructionHasNoEffect) {
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  {
    const auto client = MakeClient(Options());
    client->Post({Target(server_.Url()), ""}, context, reply.Callback());
  }
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  context.Cancel();
}

TEST_P(HttpTransportBoundsTest, CancellationMayCoincideWithDestruction) {
  for (int i = 0; i < 100; ++i) {
    CallContext context(DeadlineIn(absl::Seconds(30)));
    PendingReply reply;
    auto client = MakeClient(Options());
    client->Post({Target(server_.Url()), ""}, context, reply.Callback());
    std::thread canceller([&] { context.Cancel(); });
    client.reset();
    canceller.join();
    ASSERT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  }
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportBoundsTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
