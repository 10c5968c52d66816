// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/operator_metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

struct ReasonCase {
  RetryReason reason;
  const char* name;
};

TEST(OperatorMetricsTest, EachReasonForARetryIsASeriesOfItsParticipant) {
  for (const ReasonCase& expected : {
           ReasonCase{RetryReason::kUnreachable, "unreachable"},
           ReasonCase{RetryReason::kCertificate, "certificate"},
           ReasonCase{RetryReason::kTimeout, "timeout"},
           ReasonCase{RetryReason::kTooManyRequests, "too_many_requests"},
           ReasonCase{RetryReason::kUnavailable, "unavailable"},
           ReasonCase{RetryReason::kGateway, "gateway"},
           ReasonCase{RetryReason::kServerError, "server_error"},
           ReasonCase{RetryReason::kTimestamp, "timestamp"},
           ReasonCase{RetryReason::kCredentials, "credentials"},
       }) {
    Metrics metrics;
    const OperatorMetrics brand = OperatorMetrics::In(metrics, "brand");
    OperatorMetrics::In(metrics, "other");
    EXPECT_THAT(metrics.Total("retries_total"), Eq(0));
    brand.retries(expected.reason).Increment();
    EXPECT_THAT(metrics.Total("retries_total", expected.name), Eq(1));
    EXPECT_THAT(metrics.Total("retries_total", "brand"), Eq(1));
    EXPECT_THAT(metrics.Total("retries_total"), Eq(1));
  }
}

TEST(OperatorMetricsTest, BudgetsAreGaugesOfTheirParticipant) {
  Metrics metrics;
  const OperatorMetrics brand = OperatorMetrics::In(metrics, "brand");
  brand.retry_tokens.Set(49.5);
  brand.provoked_retry_tokens.Set(7);
  EXPECT_THAT(metrics.Text(),
              HasSubstr("retry_tokens{budget=\"operator\",participant=\"brand\"} 49.5\n"));
  EXPECT_THAT(metrics.Text(),
              HasSubstr("retry_tokens{budget=\"provoked\",participant=\"brand\"} 7\n"));
}

TEST(OperatorMetricsTest, SharedRefreshesOfAllParticipantsAreOneGauge) {
  Metrics metrics;
  OperatorMetrics::In(metrics, "brand").shared_refreshes.Increment();
  OperatorMetrics::In(metrics, "other").shared_refreshes.Increment();
  EXPECT_THAT(metrics.Text(), HasSubstr("\nshared_refreshes 2\n"));
}

}  // namespace
}  // namespace uid2
