#ifndef TESTS_BENCH_MEASUREMENT_H_
#define TESTS_BENCH_MEASUREMENT_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/latency_histogram.h"
#include "tests/bench/process_cpu_clock.h"

namespace uid2::bench {

// One run: calls are counted, and the CPU time of the measured process with them, from the first
// call that ends after the warm-up to the first that ends after the whole run. Not thread-safe.
class Measurement {
 public:
  using Clock = std::chrono::steady_clock;

  // Begins now.
  Measurement(const ProcessCpuClock& cpu, Clock::duration warm_up, Clock::duration duration);

  // A call that ended at `now`; `error` is empty, or a name that failures of a kind share.
  void Record(Clock::time_point began, Clock::time_point now, absl::string_view error);

  // Calls that were due and could not begin, as the most that may be in flight were.
  void RecordMissed(int64_t calls) { missed_ += calls; }

  // When the last call should begin.
  Clock::time_point end() const { return end_; }
  bool over() const { return closed_; }

  // One line. Latencies and CPU time in microseconds. Closes the run where it is still open.
  std::string Json();

 private:
  void Close(Clock::time_point now);

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
  LatencyHistogram latency_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_MEASUREMENT_H_
