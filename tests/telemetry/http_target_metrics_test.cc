// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/http_target_metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

constexpr char kAddress[] = "https://one.example";

TEST(HttpTargetMetricsTest, RequestsAreCountedByParticipantAndAddress) {
  Metrics metrics;
  const HttpTargetMetrics target = HttpTargetMetrics::In(metrics, "brand", kAddress);
  target.requests_sent.Increment();
  target.requests_resent.Increment();
  target.requests_in_flight.Increment();
  target.connections_opened.Increment();
  for (const char* name : {"operator_requests_sent_total", "operator_requests_resent_total",
                           "operator_inflight", "operator_new_connections_total"}) {
    EXPECT_THAT(metrics.Total(name, "brand"), Eq(1)) << name;
    EXPECT_THAT(metrics.Total(name, kAddress), Eq(1)) << name;
    EXPECT_THAT(metrics.Total(name), Eq(1)) << name;
  }
}

TEST(HttpTargetMetricsTest, ParticipantsWithTheSameAddressShareItsConnections) {
  Metrics metrics;
  HttpTargetMetrics::In(metrics, "brand", kAddress).connections.active.Increment();
  HttpTargetMetrics::In(metrics, "other", kAddress).connections.active.Increment();
  ConnectionMetrics::In(metrics, kAddress).idle.Increment();
  EXPECT_THAT(metrics.Text(), HasSubstr("operator_connections{address=\"https://one.example\","
                                        "state=\"active\"} 2\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("operator_connections{address=\"https://one.example\","
                                        "state=\"idle\"} 1\n"));
}

}  // namespace
}  // namespace uid2
