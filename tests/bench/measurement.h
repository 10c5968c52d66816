// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_MEASUREMENT_H_
#define TESTS_BENCH_MEASUREMENT_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "tests/bench/latency_histogram.h"
#include "tests/bench/process_cpu_clock.h"
#include "tests/bench/thread_usage.h"

namespace uid2::bench {

// A measurement run. Counts calls, and the CPU time of the measured process, from the first call
// that ends after the warm-up to the first that ends after `duration` more. Not thread-safe.
class Measurement {
 public:
  using Clock = std::chrono::steady_clock;

  // The run begins now.
  Measurement(const ProcessCpuClock& cpu, Clock::duration warm_up, Clock::duration duration);

  // Records a call that ended at `now`. `error` is empty, or names the kind of failure.
  void Record(Clock::time_point began, Clock::time_point now, absl::string_view error);

  // Also measures the threads of this process, 0 for this one. Call it before the first Record().
  void MeasureThreads(pid_t pid) { threads_of_ = pid; }

  // Records calls that were due but could not begin, because the maximum number was in flight.
  void RecordMissed(int64_t calls) { missed_ += calls; }

  // No call should begin after this time.
  Clock::time_point end() const { return end_; }
  bool over() const { return closed_; }

  // Returns one line, with latencies and CPU time in microseconds. Ends the run if it is not over.
  std::string Json();

 private:
  void Close(Clock::time_point now);
  std::string ThreadsJson(double calls) const;

  const ProcessCpuClock cpu_;
  const Clock::time_point warm_;
  const Clock::time_point end_;
  bool open_ = false;
  bool closed_ = false;
  Clock::time_point opened_at_;
  Clock::time_point closed_at_;
  std::chrono::nanoseconds cpu_at_open_{};
  std::chrono::nanoseconds cpu_used_{};
  int64_t calls_ = 0;
  int64_t missed_ = 0;
  std::map<std::string, int64_t> errors_;
  absl::optional<pid_t> threads_of_;
  ThreadUsages threads_at_open_;
  ThreadUsages threads_at_close_;
  LatencyHistogram latency_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_MEASUREMENT_H_
