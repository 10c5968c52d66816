// SPDX-License-Identifier: Apache-2.0

#include "server/event/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;

std::string NameOfThisThread() {
  char name[16];
  EXPECT_THAT(pthread_getname_np(pthread_self(), name, sizeof(name)), Eq(0));
  return name;
}

bool Blocks(int signal) {
  sigset_t blocked;
  EXPECT_THAT(pthread_sigmask(SIG_SETMASK, nullptr, &blocked), Eq(0));
  return sigismember(&blocked, signal) == 1;
}

TEST(ThreadTest, HasItsNameAndBlocksSignals) {
  std::string name;
  bool blocks = false;
  {
    const absl::StatusOr<Thread> thread = Thread::Start("fifteen letters", [&] {
      name = NameOfThisThread();
      blocks = Blocks(SIGPIPE) && Blocks(SIGTERM);
    });
    ASSERT_THAT(thread, IsOk());
  }
  EXPECT_THAT(name, Eq("fifteen letters"));
  EXPECT_TRUE(blocks);
  EXPECT_FALSE(Blocks(SIGTERM)) << "the thread that has started it takes none either";
}

TEST(ThreadTest, OnlyThreadsThatPreferItAreScheduledInBatches) {
  int before = -1;
  int after = -1;
  {
    const absl::StatusOr<Thread> thread = Thread::Start("batch", [&] {
      before = sched_getscheduler(0);
      PreferBatchScheduling();
      after = sched_getscheduler(0);
    });
    ASSERT_THAT(thread, IsOk());
  }
  EXPECT_THAT(before, Eq(sched_getscheduler(0)));
  EXPECT_THAT(after, Eq(SCHED_BATCH));
}

TEST(ThreadTest, IsJoinedByItsLastOwner) {
  absl::Notification go_on;
  bool over = false;
  {
    absl::StatusOr<Thread> thread = Thread::Start("owned", [&] {
      go_on.WaitForNotification();
      over = true;
    });
    ASSERT_THAT(thread, IsOk());
    const Thread owner = *std::move(thread);
    EXPECT_FALSE(go_on.HasBeenNotified());
    go_on.Notify();
  }
  EXPECT_TRUE(over);
}

TEST(ThreadTest, ADetachedThreadRunsByItselfAndReleasesItsFunction) {
  auto held = std::make_shared<absl::Notification>();
  const auto name = std::make_shared<std::string>();
  ASSERT_THAT(Thread::StartDetached("detached",
                                    [held, name] {
                                      *name = NameOfThisThread();
                                      held->Notify();
                                    }),
              IsOk());
  ASSERT_TRUE(held->WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_THAT(*name, Eq("detached"));
}

}  // namespace
}  // namespace uid2
