// SPDX-License-Identifier: Apache-2.0

#include "server/call/call_context.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::UnorderedElementsAre;

constexpr CallContext::TimePoint kDeadline{std::chrono::seconds(1)};

TEST(CallContextTest, ReturnsItsDeadline) {
  EXPECT_EQ(CallContext(kDeadline).deadline(), kDeadline);
}

TEST(CallContextTest, AStepEndsAtTheDeadline) {
  EXPECT_EQ(CallContext(kDeadline).step_limit(), kDeadline);
}

TEST(CallContextTest, AStepOfASharedCallHasNoLimit) {
  CallContext context(kDeadline, CallContext::Shared());
  EXPECT_EQ(context.deadline(), kDeadline);
  EXPECT_EQ(context.step_limit(), CallContext::TimePoint::max());
}

TEST(CallContextTest, ASharedCallHasTheLatestDeadlineOfItsCallers) {
  CallContext context(kDeadline, CallContext::Shared());
  context.Extend(kDeadline + std::chrono::seconds(1));
  EXPECT_EQ(context.deadline(), kDeadline + std::chrono::seconds(1));
  context.Extend(kDeadline);
  EXPECT_EQ(context.deadline(), kDeadline + std::chrono::seconds(1));
}

TEST(CancelCallbackTest, RunsOnceWhenTheCallIsCancelled) {
  CallContext context(kDeadline);
  int runs = 0;
  const CancelCallback callback(context, [&] { ++runs; });
  EXPECT_THAT(runs, Eq(0));
  EXPECT_FALSE(context.cancelled());
  context.Cancel();
  context.Cancel();
  EXPECT_THAT(runs, Eq(1));
  EXPECT_TRUE(context.cancelled());
}

TEST(CancelCallbackTest, SeesTheCallAsCancelled) {
  CallContext context(kDeadline);
  bool cancelled = false;
  const CancelCallback callback(context, [&] { cancelled = context.cancelled(); });
  context.Cancel();
  EXPECT_TRUE(cancelled);
}

TEST(CancelCallbackTest, RunsAtOnceIfTheCallIsAlreadyCancelled) {
  CallContext context(kDeadline);
  context.Cancel();
  int runs = 0;
  const CancelCallback callback(context, [&] { ++runs; });
  EXPECT_THAT(runs, Eq(1));
}

TEST(CancelCallbackTest, SeveralCallbacksAllRun) {
  CallContext context(kDeadline);
  std::vector<std::string> ran;
  const CancelCallback one(context, [&] { ran.push_back("one"); });
  const CancelCallback two(context, [&] { ran.push_back("two"); });
  context.Cancel();
  EXPECT_THAT(ran, UnorderedElementsAre("one", "two"));
}

TEST(CancelCallbackTest, DoesNotRunAfterItsDestruction) {
  CallContext context(kDeadline);
  int runs = 0;
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  {
    const CancelCallback callback(context, [&runs, held = std::move(held)] { ++runs; });
    EXPECT_FALSE(watched.expired());
  }
  EXPECT_TRUE(watched.expired()) << "the context keeps what the function holds";
  context.Cancel();
  EXPECT_THAT(runs, Eq(0));
}

TEST(CancelCallbackTest, MayOutliveTheContext) {
  absl::optional<CallContext> context(absl::in_place, kDeadline);
  int runs = 0;
  const CancelCallback callback(*context, [&] { ++runs; });
  context.reset();
  EXPECT_THAT(runs, Eq(0));
}

TEST(CancelCallbackTest, MayDestroyItself) {
  CallContext context(kDeadline);
  absl::optional<CancelCallback> callback;
  int runs = 0;
  callback.emplace(context, [&] {
    ++runs;
    callback.reset();
  });
  context.Cancel();
  EXPECT_THAT(runs, Eq(1));
  EXPECT_FALSE(callback.has_value());
}

TEST(CancelCallbackTest, MayDestroyItsContext) {
  auto context = std::make_unique<CallContext>(kDeadline);
  int runs = 0;
  const CancelCallback callback(*context, [&] {
    ++runs;
    context.reset();
  });
  context->Cancel();
  EXPECT_THAT(runs, Eq(1));
}

TEST(CancelCallbackTest, MayBeginTheNextStep) {
  CallContext context(kDeadline);
  absl::optional<CancelCallback> next;
  std::string ran;
  const CancelCallback callback(context, [&] {
    ran += "first ";
    next.emplace(context, [&] { ran += "next"; });
  });
  context.Cancel();
  EXPECT_THAT(ran, Eq("first next"));
}

TEST(CancelCallbackTest, MayCancelAnotherCall) {
  CallContext caller(kDeadline);
  CallContext shared(kDeadline, CallContext::Shared());
  bool reached = false;
  const CancelCallback outer(caller, [&] { shared.Cancel(); });
  const CancelCallback inner(shared, [&] { reached = true; });
  caller.Cancel();
  EXPECT_TRUE(reached);
}

TEST(CancelCallbackTest, RunsOnTheThreadThatCancels) {
  CallContext context(kDeadline);
  std::thread::id ran_on;
  const CancelCallback callback(context, [&] { ran_on = std::this_thread::get_id(); });
  std::thread other([&] { context.Cancel(); });
  const std::thread::id other_id = other.get_id();
  other.join();
  EXPECT_THAT(ran_on, Eq(other_id));
}

TEST(CancelCallbackTest, DestructionWaitsForACallbackRunningOnAnotherThread) {
  CallContext context(kDeadline);
  absl::Notification running;
  absl::Notification go_on;
  bool over = false;
  absl::optional<CancelCallback> callback;
  callback.emplace(context, [&] {
    running.Notify();
    go_on.WaitForNotification();
    over = true;
  });
  std::thread other([&] { context.Cancel(); });
  running.WaitForNotification();
  std::thread third([&] { go_on.Notify(); });
  callback.reset();
  EXPECT_TRUE(over);
  other.join();
  third.join();
}

TEST(CancelCallbackTest, RunsOnceEvenIfConstructedDuringCancellation) {
  for (int i = 0; i < 1000; ++i) {
    CallContext context(kDeadline);
    std::atomic<int> runs = 0;
    std::thread other([&] { context.Cancel(); });
    const CancelCallback callback(context, [&] { ++runs; });
    other.join();
    ASSERT_THAT(runs, Eq(1));
  }
}

TEST(CancelCallbackTest, RunsAtMostOnceAndNeverAfterDestructionDuringCancellation) {
  for (int i = 0; i < 1000; ++i) {
    CallContext context(kDeadline);
    // Deliberately not atomic: destroying the callback orders what it did before what follows.
    auto runs = std::make_unique<int>(0);
    absl::optional<CancelCallback> callback;
    callback.emplace(context, [&runs] { ++*runs; });
    std::thread other([&] { context.Cancel(); });
    callback.reset();
    ASSERT_LE(*runs, 1);
    runs.reset();
    other.join();
  }
}

}  // namespace
}  // namespace uid2
