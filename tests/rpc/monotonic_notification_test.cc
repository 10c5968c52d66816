// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/monotonic_notification.h"

#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace uid2 {
namespace {

TEST(MonotonicNotificationTest, AwaitReturnsFalseWhenTheTimeoutPasses) {
  MonotonicNotification notification;
  EXPECT_FALSE(notification.Await(-absl::Seconds(1)));
  EXPECT_FALSE(notification.Await(absl::ZeroDuration()));
  EXPECT_FALSE(notification.Await(absl::Milliseconds(1)));
}

TEST(MonotonicNotificationTest, OnceNotifiedAwaitReturnsAtOnce) {
  MonotonicNotification notification;
  notification.Notify();
  notification.Notify();
  EXPECT_TRUE(notification.Await(-absl::Seconds(1)));
  EXPECT_TRUE(notification.Await(absl::Hours(1)));
  EXPECT_TRUE(notification.Await(absl::InfiniteDuration()));
}

TEST(MonotonicNotificationTest, AnotherThreadEndsTheWaitAndTheObjectMayBeDestroyedAtOnce) {
  for (const absl::Duration timeout :
       {absl::Hours(1), absl::Hours(24 * 365 * 200), absl::InfiniteDuration()}) {
    auto notification = std::make_unique<MonotonicNotification>();
    std::thread notifying([&raw = *notification] { raw.Notify(); });
    EXPECT_TRUE(notification->Await(timeout));
    notification.reset();
    notifying.join();
  }
}

}  // namespace
}  // namespace uid2
