// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/monotonic_latch.h"

#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace uid2 {
namespace {

TEST(MonotonicLatchTest, AwaitReturnsFalseWhenTheTimeoutPasses) {
  MonotonicLatch latch(1);
  EXPECT_FALSE(latch.Await(-absl::Seconds(1)));
  EXPECT_FALSE(latch.Await(absl::ZeroDuration()));
  EXPECT_FALSE(latch.Await(absl::Milliseconds(1)));
}

TEST(MonotonicLatchTest, OnlyTheLastCountDownOpensIt) {
  MonotonicLatch latch(2);
  latch.CountDown();
  EXPECT_FALSE(latch.Await(absl::ZeroDuration()));
  latch.CountDown();
  EXPECT_TRUE(latch.Await(-absl::Seconds(1)));
  EXPECT_TRUE(latch.Await(absl::Hours(1)));
  EXPECT_TRUE(latch.Await(absl::InfiniteDuration()));
}

TEST(MonotonicLatchTest, AnotherThreadEndsTheWaitAndTheObjectMayBeDestroyedAtOnce) {
  for (const absl::Duration timeout :
       {absl::Hours(1), absl::Hours(24 * 365 * 200), absl::InfiniteDuration()}) {
    auto latch = std::make_unique<MonotonicLatch>(1);
    std::thread counting([&raw = *latch] { raw.CountDown(); });
    EXPECT_TRUE(latch->Await(timeout));
    latch.reset();
    counting.join();
  }
}

}  // namespace
}  // namespace uid2
