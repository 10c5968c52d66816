// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/shared_refreshes.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/operator_metrics.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::FieldsAre;
using ::testing::IsNull;
using ::testing::NotNull;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using SharedCall = SharedRefreshes::SharedCall;

constexpr CallContext::TimePoint kDeadline{std::chrono::seconds(5)};
constexpr CallContext::TimePoint kLaterDeadline{std::chrono::seconds(9)};
const TokenRefreshReply kOptedOut{TokenRefreshReply::Outcome::kOptedOut, absl::nullopt};

class SharedRefreshesTest : public ::testing::Test {
 protected:
  // A waiter and its answer.
  struct Refresh {
    std::shared_ptr<CallContext> context;
    std::shared_ptr<SharedRefreshes::Waiter> waiter;
    std::shared_ptr<absl::optional<absl::StatusOr<TokenRefreshReply>>> answer;

    bool answered() const { return answer->has_value(); }
    const absl::StatusOr<TokenRefreshReply>& result() const { return **answer; }
  };

  static Refresh MakeRefresh() {
    auto answer = std::make_shared<absl::optional<absl::StatusOr<TokenRefreshReply>>>();
    auto context = std::make_shared<CallContext>(kDeadline);
    auto waiter = std::make_shared<SharedRefreshes::Waiter>(
        *context, [answer, context](absl::StatusOr<TokenRefreshReply> reply) {
          EXPECT_FALSE(answer->has_value()) << "answered twice";
          *answer = std::move(reply);
        });
    return {std::move(context), std::move(waiter), std::move(answer)};
  }

  std::shared_ptr<SharedCall> Join(const Refresh& refresh, const std::string& token = "TOKEN",
                                   const std::string& key = "KEY",
                                   CallContext::TimePoint deadline = kDeadline) {
    return shared_refreshes_.Join({token, key}, deadline, refresh.waiter);
  }

  Metrics metrics_;
  SharedRefreshes shared_refreshes_{OperatorMetrics::In(metrics_, "brand")};
};

TEST_F(SharedRefreshesTest, TheFirstToJoinMakesTheCallAndOthersWaitForIt) {
  const Refresh first = MakeRefresh();
  const Refresh second = MakeRefresh();
  const std::shared_ptr<SharedCall> call = Join(first);
  ASSERT_THAT(call, NotNull());
  EXPECT_THAT(Join(second, " TOKEN\n"), IsNull());
  EXPECT_FALSE(first.answered());
  shared_refreshes_.Complete(*call, kOptedOut);
  EXPECT_THAT(first.result(), IsOk());
  EXPECT_THAT(second.result(), IsOk());
}

TEST_F(SharedRefreshesTest, OnlyRefreshesWithEqualTokenAndKeyShareACall) {
  const std::vector<std::shared_ptr<SharedCall>> calls = {
      Join(MakeRefresh()), Join(MakeRefresh(), "OTHER"), Join(MakeRefresh(), "TOKEN", "OTHER"),
      Join(MakeRefresh(), "TOKENKEY", "")};
  for (const std::shared_ptr<SharedCall>& call : calls) {
    ASSERT_THAT(call, NotNull());
    shared_refreshes_.Complete(*call, kOptedOut);
  }
}

TEST_F(SharedRefreshesTest, ACompletedCallIsNotJoined) {
  const std::shared_ptr<SharedCall> first = Join(MakeRefresh());
  shared_refreshes_.Complete(*first, kOptedOut);
  const std::shared_ptr<SharedCall> second = Join(MakeRefresh());
  ASSERT_THAT(second, NotNull());
  shared_refreshes_.Complete(*second, kOptedOut);
}

TEST_F(SharedRefreshesTest, TheCallLastsUntilTheLatestDeadline) {
  const std::shared_ptr<SharedCall> call = Join(MakeRefresh());
  EXPECT_THAT(call->context.deadline(), Eq(kDeadline));
  (void)Join(MakeRefresh(), "TOKEN", "KEY", kLaterDeadline);
  EXPECT_THAT(call->context.deadline(), Eq(kLaterDeadline));
  (void)Join(MakeRefresh());
  EXPECT_THAT(call->context.deadline(), Eq(kLaterDeadline));
  shared_refreshes_.Complete(*call, kOptedOut);
}

TEST_F(SharedRefreshesTest, EachWaiterGetsTheTraceOfTheSharedCall) {
  const Refresh first = MakeRefresh();
  const Refresh second = MakeRefresh();
  const std::shared_ptr<SharedCall> call = Join(first);
  Join(second);
  call->context.trace() = {2, 503, "192.0.2.1:443", "HTTP 503"};
  shared_refreshes_.Complete(*call, kOptedOut);
  for (const Refresh& refresh : {first, second}) {
    EXPECT_THAT(refresh.context->trace(), FieldsAre(2, 503, "192.0.2.1:443", "HTTP 503"));
  }
}

TEST_F(SharedRefreshesTest, AWaiterThatLeavesIsAnsweredAtOnceAndOthersKeepWaiting) {
  const Refresh first = MakeRefresh();
  const Refresh second = MakeRefresh();
  const std::shared_ptr<SharedCall> call = Join(first);
  (void)Join(second);
  shared_refreshes_.Leave(*first.waiter, absl::CancelledError("gone"));
  EXPECT_THAT(first.result(), StatusIs(absl::StatusCode::kCancelled, "gone"));
  EXPECT_FALSE(call->context.cancelled());
  shared_refreshes_.Complete(*call, kOptedOut);
  EXPECT_THAT(second.result(), IsOk());
}

TEST_F(SharedRefreshesTest, TheLastWaiterToLeaveCancelsTheCallAndIsAnsweredWhenItCompletes) {
  const Refresh refresh = MakeRefresh();
  const std::shared_ptr<SharedCall> call = Join(refresh);
  shared_refreshes_.Leave(*refresh.waiter, absl::CancelledError("gone"));
  EXPECT_TRUE(call->context.cancelled());
  EXPECT_FALSE(refresh.answered());
  // A refresh that arrives now must not share the failure of the cancelled call.
  const Refresh late = MakeRefresh();
  const std::shared_ptr<SharedCall> another = Join(late);
  ASSERT_THAT(another, NotNull());
  shared_refreshes_.Complete(*call, absl::CancelledError("taken off the wire"));
  EXPECT_THAT(refresh.result(), StatusIs(absl::StatusCode::kCancelled, "gone"));
  EXPECT_FALSE(late.answered());
  shared_refreshes_.Complete(*another, kOptedOut);
  EXPECT_THAT(late.result(), IsOk());
}

TEST_F(SharedRefreshesTest, TheLastWaiterToLeaveGetsAReplyThatStillArrives) {
  const Refresh refresh = MakeRefresh();
  const std::shared_ptr<SharedCall> call = Join(refresh);
  shared_refreshes_.Leave(*refresh.waiter, absl::CancelledError("gone"));
  shared_refreshes_.Complete(*call, kOptedOut);
  EXPECT_THAT(refresh.result(), IsOk());
}

TEST_F(SharedRefreshesTest, AWaiterThatLeavesBeforeItJoinsIsAnsweredAndMakesNoCall) {
  const Refresh refresh = MakeRefresh();
  shared_refreshes_.Leave(*refresh.waiter, absl::CancelledError("gone"));
  EXPECT_FALSE(refresh.answered());
  EXPECT_THAT(Join(refresh), IsNull());
  EXPECT_THAT(refresh.result(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(SharedRefreshesTest, LeavingTwiceOrAfterTheAnswerHasNoEffect) {
  const Refresh refresh = MakeRefresh();
  const Refresh other = MakeRefresh();
  const std::shared_ptr<SharedCall> call = Join(refresh);
  (void)Join(other);
  shared_refreshes_.Leave(*refresh.waiter, absl::CancelledError("gone"));
  shared_refreshes_.Leave(*refresh.waiter, absl::CancelledError("again"));
  EXPECT_THAT(refresh.result(), StatusIs(absl::StatusCode::kCancelled, "gone"));
  shared_refreshes_.Complete(*call, kOptedOut);
  shared_refreshes_.Leave(*other.waiter, absl::CancelledError("late"));
  EXPECT_THAT(other.result(), IsOk());
}

// Mostly for ThreadSanitizer: refreshes join and leave while calls complete.
TEST_F(SharedRefreshesTest, WithManyThreadsEachRefreshIsAnsweredExactlyOnce) {
  constexpr int kThreads = 4;
  constexpr int kRefreshesOfThread = 500;
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i, &answers] {
      for (int j = 0; j < kRefreshesOfThread; ++j) {
        // Another thread may answer the waiter later, so the answer keeps the context.
        auto context = std::make_shared<CallContext>(kDeadline);
        auto waiter = std::make_shared<SharedRefreshes::Waiter>(
            *context,
            [&answers, context](const absl::StatusOr<TokenRefreshReply>& /*reply*/) { ++answers; });
        const std::shared_ptr<SharedCall> call =
            shared_refreshes_.Join({"TOKEN", "KEY"}, kDeadline, waiter);
        if ((i + j) % 3 == 0) shared_refreshes_.Leave(*waiter, absl::CancelledError("gone"));
        if (call != nullptr) shared_refreshes_.Complete(*call, kOptedOut);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(answers.load(), Eq(kThreads * kRefreshesOfThread));
}

}  // namespace
}  // namespace uid2
