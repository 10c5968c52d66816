// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/endpoint_metrics.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

constexpr char kAddress[] = "https://one.example";

// The value of a series, as Prometheus reads it.
std::string Series(absl::string_view attempt, absl::string_view code_class, int value) {
  return absl::StrCat("operator_requests_total{address=\"https://one.example\",attempt=\"", attempt,
                      "\",code_class=\"", code_class,
                      "\",endpoint=\"generate\",participant=\"brand\"} ", value, "\n");
}

struct ClassCase {
  CodeClass code_class;
  const char* name;
};

constexpr ClassCase kClasses[] = {
    {CodeClass::k2xx, "2xx"},
    {CodeClass::k3xx, "3xx"},
    {CodeClass::k4xx, "4xx"},
    {CodeClass::k429, "429"},
    {CodeClass::k5xx, "5xx"},
    {CodeClass::kNone, "none"},
    {CodeClass::kCancelled, "cancelled"},
    {CodeClass::kNotSent, "not_sent"},
};

TEST(EndpointMetricsTest, EachClassIsASeriesThatExistsBeforeItsFirstAttempt) {
  for (const ClassCase& expected : kClasses) {
    Metrics metrics;
    const EndpointMetrics endpoint = EndpointMetrics::In(metrics, "brand", kAddress, "generate");
    EXPECT_THAT(metrics.Text(), HasSubstr(Series("1", expected.name, 0)));
    endpoint.Ended(1, expected.code_class, 0);
    EXPECT_THAT(metrics.Text(), HasSubstr(Series("1", expected.name, 1)));
    EXPECT_THAT(metrics.Total("operator_requests_total"), Eq(1));
  }
}

TEST(EndpointMetricsTest, AttemptsFromTheThirdOnShareASeries) {
  Metrics metrics;
  const EndpointMetrics endpoint = EndpointMetrics::In(metrics, "brand", kAddress, "generate");
  for (int number = 1; number <= 5; ++number) endpoint.Ended(number, CodeClass::k5xx, 0);
  EXPECT_THAT(metrics.Text(), HasSubstr(Series("1", "5xx", 1)));
  EXPECT_THAT(metrics.Text(), HasSubstr(Series("2", "5xx", 1)));
  EXPECT_THAT(metrics.Text(), HasSubstr(Series("3+", "5xx", 3)));
}

TEST(EndpointMetricsTest, TheTimesOfAllAttemptsAreInOneHistogram) {
  Metrics metrics;
  const EndpointMetrics endpoint = EndpointMetrics::In(metrics, "brand", kAddress, "generate");
  endpoint.Ended(1, CodeClass::k2xx, 0.02);
  endpoint.Ended(2, CodeClass::kNone, 1.5);
  const std::string text = metrics.Text();
  const std::string bucket =
      "operator_request_seconds_bucket{address=\"https://one.example\",endpoint=\"generate\","
      "participant=\"brand\",le=\"";
  EXPECT_THAT(text, HasSubstr(bucket + "0.01\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "0.025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "2.5\"} 2\n"));
}

TEST(EndpointMetricsTest, EndpointsAddressesAndParticipantsAreCountedApart) {
  Metrics metrics;
  EndpointMetrics::In(metrics, "brand", kAddress, "generate").Ended(1, CodeClass::k2xx, 0);
  EndpointMetrics::In(metrics, "brand", kAddress, "refresh").Ended(1, CodeClass::k2xx, 0);
  EndpointMetrics::In(metrics, "brand", "https://two.example", "refresh")
      .Ended(1, CodeClass::k2xx, 0);
  EndpointMetrics::In(metrics, "other", kAddress, "refresh").Ended(1, CodeClass::k2xx, 0);
  EXPECT_THAT(metrics.Total("operator_requests_total", "generate"), Eq(1));
  EXPECT_THAT(metrics.Total("operator_requests_total", "https://two.example"), Eq(1));
  EXPECT_THAT(metrics.Total("operator_requests_total", "other"), Eq(1));
  EXPECT_THAT(metrics.Total("operator_requests_total", "brand"), Eq(3));
}

TEST(EndpointMetricsTest, AnEjectionIsCountedOnceAndItsEndIsNotOne) {
  Metrics metrics;
  const EndpointMetrics endpoint = EndpointMetrics::In(metrics, "brand", kAddress, "generate");
  EXPECT_THAT(metrics.Total("operator_ejected"), Eq(0));
  endpoint.SetEjected(true);
  EXPECT_THAT(metrics.Total("operator_ejected"), Eq(1));
  endpoint.SetEjected(false);
  EXPECT_THAT(metrics.Total("operator_ejected"), Eq(0));
  EXPECT_THAT(metrics.Total("operator_ejections_total"), Eq(1));
}

}  // namespace
}  // namespace uid2
