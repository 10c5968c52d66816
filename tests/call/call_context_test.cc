#include "server/call/call_context.h"

#include <chrono>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

constexpr CallContext::TimePoint kDeadline{std::chrono::seconds(1)};

TEST(CallContextTest, KeepsItsDeadline) { EXPECT_EQ(CallContext(kDeadline).deadline(), kDeadline); }

TEST(CallContextTest, EndsAStepAtTheDeadline) {
  EXPECT_EQ(CallContext(kDeadline).step_limit(), kDeadline);
}

TEST(CallContextTest, SharedLetsNoDeadlineEndAStep) {
  CallContext context(kDeadline, CallContext::Shared());
  EXPECT_EQ(context.deadline(), kDeadline);
  EXPECT_EQ(context.step_limit(), CallContext::TimePoint::max());
}

TEST(CallContextTest, SharedHasTheDeadlineOfItsMostPatientCaller) {
  CallContext context(kDeadline, CallContext::Shared());
  context.Extend(kDeadline + std::chrono::seconds(1));
  EXPECT_EQ(context.deadline(), kDeadline + std::chrono::seconds(1));
  context.Extend(kDeadline);
  EXPECT_EQ(context.deadline(), kDeadline + std::chrono::seconds(1));
}

TEST(CallContextTest, RunsTheHookWhenCancelledAndOnlyOnce) {
  CallContext context(kDeadline);
  int runs = 0;
  context.OnCancel([&] { ++runs; });
  EXPECT_THAT(runs, Eq(0));
  EXPECT_FALSE(context.cancelled());
  context.Cancel();
  context.Cancel();
  EXPECT_THAT(runs, Eq(1));
  EXPECT_TRUE(context.cancelled());
}

TEST(CallContextTest, IsCancelledBeforeItsHookRuns) {
  CallContext context(kDeadline);
  bool cancelled = false;
  context.OnCancel([&] { cancelled = context.cancelled(); });
  context.Cancel();
  EXPECT_TRUE(cancelled);
}

TEST(CallContextTest, RunsTheHookAtOnceWhereItIsCancelledAlready) {
  CallContext context(kDeadline);
  context.Cancel();
  int runs = 0;
  context.OnCancel([&] { ++runs; });
  EXPECT_THAT(runs, Eq(1));
  context.OnCancel([&] { ++runs; });
  EXPECT_THAT(runs, Eq(2));
}

TEST(CallContextTest, RunsOnlyTheLatestHook) {
  CallContext context(kDeadline);
  std::string ran;
  context.OnCancel([&] { ran += "first"; });
  context.OnCancel([&] { ran += "second"; });
  context.Cancel();
  EXPECT_THAT(ran, Eq("second"));
}

TEST(CallContextTest, TakesANullHookForNone) {
  CallContext context(kDeadline);
  bool ran = false;
  context.OnCancel([&] { ran = true; });
  context.OnCancel(nullptr);
  context.Cancel();
  context.OnCancel(nullptr);
  EXPECT_FALSE(ran);
}

TEST(CallContextTest, HookMayArmAnotherHook) {
  CallContext context(kDeadline);
  std::string ran;
  context.OnCancel([&] {
    ran += "outer ";
    context.OnCancel([&] { ran += "inner"; });
  });
  context.Cancel();
  EXPECT_THAT(ran, Eq("outer inner"));
}

TEST(CallContextTest, RunsTheHookOnTheThreadThatCancels) {
  CallContext context(kDeadline);
  absl::Notification ran;
  std::thread::id ran_on;
  context.OnCancel([&] {
    ran_on = std::this_thread::get_id();
    ran.Notify();
  });
  std::thread other([&] { context.Cancel(); });
  ASSERT_TRUE(ran.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_THAT(ran_on, Eq(other.get_id()));
  other.join();
}

TEST(CallContextTest, RunsAHookOnceHoweverArmingAndCancellingMeet) {
  for (int i = 0; i < 1000; ++i) {
    CallContext context(kDeadline);
    int runs = 0;
    std::thread other([&] { context.Cancel(); });
    context.OnCancel([&] { ++runs; });
    other.join();
    ASSERT_THAT(runs, Eq(1));
  }
}

}  // namespace
}  // namespace uid2
