// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_PACE_TIMER_H_
#define TESTS_BENCH_PACE_TIMER_H_

#include <chrono>
#include <cstdint>

namespace uid2::bench {

// A kernel timer that fires at even intervals, `rate` times per second, starting now.
class PaceTimer {
 public:
  // `rate` must be positive.
  explicit PaceTimer(double rate);
  ~PaceTimer();

  PaceTimer(const PaceTimer&) = delete;
  PaceTimer& operator=(const PaceTimer&) = delete;

  // Readable if Wait() would return immediately.
  int descriptor() const { return descriptor_; }

  // Waits until the timer fires, and returns how often it has fired since the last call: more than
  // once after a late wake-up.
  int64_t Wait();

  // When the timer fired, or fires, for the `number`th time (from 1), however late Wait() noticed.
  std::chrono::steady_clock::time_point Due(int64_t number) const {
    return began_ + number * interval_;
  }

 private:
  const int descriptor_;
  const std::chrono::nanoseconds interval_;
  const std::chrono::steady_clock::time_point began_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_PACE_TIMER_H_
