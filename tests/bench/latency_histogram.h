// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_LATENCY_HISTOGRAM_H_
#define TESTS_BENCH_LATENCY_HISTOGRAM_H_

#include <chrono>
#include <cstdint>
#include <vector>

namespace uid2::bench {

// Records the durations of any number of calls in constant memory, each to within 1/64 of its
// value. Not thread-safe.
class LatencyHistogram {
 public:
  LatencyHistogram();

  // A negative latency counts as zero.
  void Record(std::chrono::nanoseconds latency);

  // The smallest duration that a fraction of at least `quantile` (0 to 1) of the calls did not
  // exceed, rounded up by at most 1/64. Zero if nothing was recorded.
  std::chrono::nanoseconds Quantile(double quantile) const;

  std::chrono::nanoseconds max() const { return std::chrono::nanoseconds(max_); }

 private:
  std::vector<int64_t> counts_;
  int64_t total_ = 0;
  int64_t max_ = 0;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_LATENCY_HISTOGRAM_H_
