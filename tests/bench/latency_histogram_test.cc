// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/latency_histogram.h"

#include <gtest/gtest.h>

#include <chrono>

namespace uid2::bench {
namespace {

using std::chrono::nanoseconds;

TEST(LatencyHistogram, QuantilesOfAnEmptyHistogramAreZero) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.99), nanoseconds(0));
  EXPECT_EQ(histogram.max(), nanoseconds(0));
}

TEST(LatencyHistogram, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (int value = 1; value <= 60; ++value) histogram.Record(nanoseconds(value));
  EXPECT_EQ(histogram.Quantile(0.5), nanoseconds(30));
  EXPECT_EQ(histogram.Quantile(1.0), nanoseconds(60));
}

TEST(LatencyHistogram, LargeValuesAreRoundedUpByAtMostOneSixtyFourth) {
  for (int64_t value = 65; value < 1'000'000'000'000; value = value * 3 + 1) {
    LatencyHistogram histogram;
    histogram.Record(nanoseconds(value));
    histogram.Record(nanoseconds(value * 2));
    const int64_t half = histogram.Quantile(0.5).count();
    EXPECT_GE(half, value);
    EXPECT_LE(half, value + value / 64);
  }
}

TEST(LatencyHistogram, OneSlowCallInAHundredIsAboveThe99thPercentile) {
  LatencyHistogram histogram;
  for (int i = 0; i < 99; ++i) histogram.Record(nanoseconds(10));
  histogram.Record(nanoseconds(5000));
  EXPECT_EQ(histogram.Quantile(0.99), nanoseconds(10));
  EXPECT_EQ(histogram.Quantile(0.995), nanoseconds(5000));
  EXPECT_EQ(histogram.max(), nanoseconds(5000));
}

TEST(LatencyHistogram, NegativeLatencyCountsAsZero) {
  LatencyHistogram histogram;
  histogram.Record(nanoseconds(-5));
  EXPECT_EQ(histogram.Quantile(1.0), nanoseconds(0));
}

}  // namespace
}  // namespace uid2::bench
