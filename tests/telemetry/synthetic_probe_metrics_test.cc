// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/synthetic_probe_metrics.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;

TEST(SyntheticProbeMetricsTest, EachAddressOfAParticipantHasItsOwnSeriesFromTheStart) {
  Metrics metrics;
  SyntheticProbeMetrics::In(metrics, "brand", "https://one.example").failures.Increment();
  const SyntheticProbeMetrics two =
      SyntheticProbeMetrics::In(metrics, "brand", "https://two.example");
  two.success.Set(1);
  two.seconds.Set(0.25);
  const std::string text = metrics.Text();
  const std::string one = R"({address="https://one.example",participant="brand")";
  EXPECT_THAT(text, HasSubstr("synthetic_probe_total" + one + R"(,result="failure"} 1)"));
  EXPECT_THAT(text, HasSubstr("synthetic_probe_total" + one + R"(,result="success"} 0)"));
  EXPECT_THAT(text, HasSubstr("synthetic_probe_success" + one + "} 0\n"));
  EXPECT_THAT(text, HasSubstr("synthetic_probe_seconds" + one + "} 0\n"));
  EXPECT_THAT(text, HasSubstr("synthetic_probe_last_success_timestamp_seconds" + one + "} 0\n"));
  const std::string other = R"({address="https://two.example",participant="brand"})";
  EXPECT_THAT(text, HasSubstr("synthetic_probe_success" + other + " 1\n"));
  EXPECT_THAT(text, HasSubstr("synthetic_probe_seconds" + other + " 0.25\n"));
}

}  // namespace
}  // namespace uid2
