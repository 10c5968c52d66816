// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace uid2::bench {
namespace {

constexpr int kSubBits = 6;
constexpr uint64_t kSubBuckets = 1 << kSubBits;

// Each value below 64 has its own bucket. Above that, each power of two is divided into 64 buckets.
size_t BucketOf(uint64_t value) {
  if (value < kSubBuckets) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
  return (static_cast<uint64_t>(shift) + 1) * kSubBuckets + (value >> shift) - kSubBuckets;
}

int64_t LargestOf(size_t bucket) {
  if (bucket < kSubBuckets) return static_cast<int64_t>(bucket);
  const uint64_t shift = bucket / kSubBuckets - 1;
  const uint64_t first = (bucket % kSubBuckets + kSubBuckets) << shift;
  return static_cast<int64_t>(first + (uint64_t{1} << shift) - 1);
}

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(BucketOf(INT64_MAX) + 1) {}

void LatencyHistogram::Record(std::chrono::nanoseconds latency) {
  const int64_t value = std::max<int64_t>(0, latency.count());
  ++counts_[BucketOf(static_cast<uint64_t>(value))];
  ++total_;
  max_ = std::max(max_, value);
}

std::chrono::nanoseconds LatencyHistogram::Quantile(double quantile) const {
  const auto wanted =
      std::max<int64_t>(1, std::llround(std::ceil(quantile * static_cast<double>(total_))));
  int64_t seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return std::chrono::nanoseconds(std::min(LargestOf(bucket), max_));
  }
  return std::chrono::nanoseconds::zero();
}

}  // namespace uid2::bench
