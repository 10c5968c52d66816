// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_PACE_TIMER_H_
#define TESTS_BENCH_PACE_TIMER_H_

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

 private:
  const int descriptor_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_PACE_TIMER_H_
