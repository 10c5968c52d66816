// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/telemetry/loop_metrics.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::Eq;
using ::testing::HasSubstr;

constexpr char kStalls[] = "event_loop_stall_seconds";

TEST(EventLoopStallsTest, AreMeasuredOnceASecond) {
  Metrics metrics;
  const std::unique_ptr<EventLoop> loop = *EventLoop::New();
  const steady_clock::time_point begin = steady_clock::now();
  loop->MeasureStalls(LoopMetrics::In(metrics, "http").stalls);
  for (int i = 1; i <= 2; ++i) {
    // Returns when the alarm has run, long before.
    loop->RunOnce(steady_clock::now() + seconds(60));
    EXPECT_THAT(metrics.Total(kStalls), Eq(i));
    EXPECT_GE(steady_clock::now() - begin, seconds(i));
  }
}

TEST(EventLoopStallsTest, ALoopThatWasHeldUpIsLate) {
  Metrics metrics;
  const std::unique_ptr<EventLoop> loop = *EventLoop::New();
  loop->MeasureStalls(LoopMetrics::In(metrics, "http").stalls);
  const steady_clock::time_point due = steady_clock::now() + seconds(1);
  while (steady_clock::now() < due + milliseconds(300)) std::this_thread::yield();
  loop->RunOnce(steady_clock::time_point::min());
  EXPECT_THAT(metrics.Total(kStalls), Eq(1));
  EXPECT_THAT(metrics.Text(),
              HasSubstr("event_loop_stall_seconds_bucket{loop=\"http\",le=\"0.25\"} 0"));
}

}  // namespace
}  // namespace uid2
