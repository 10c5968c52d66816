// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/credentials_metrics.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/method_metrics.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

constexpr char kService[] = "uid2.identity.v1.IdentityService";

TEST(MetricsTest, SeriesHaveTheNamesThatDashboardsUse) {
  Metrics metrics;
  const MethodMetrics generate = MethodMetrics::In(metrics, kService, "GenerateIdentity");
  generate.started().Increment();
  generate.Handled(absl::StatusCode::kInvalidArgument, absl::Milliseconds(1));
  AdmissionMetrics::In(metrics).overloaded.Increment();
  HttpMetrics::In(metrics).look_ups.Increment();
  const std::string text = metrics.Text();
  for (const char* line :
       {"grpc_server_started_total{grpc_method=\"GenerateIdentity\","
        "grpc_service=\"uid2.identity.v1.IdentityService\",grpc_type=\"unary\"} 1\n",
        "grpc_server_handled_total{grpc_code=\"InvalidArgument\","
        "grpc_method=\"GenerateIdentity\",grpc_service=\"uid2.identity.v1.IdentityService\","
        "grpc_type=\"unary\"} 1\n",
        "\nshed_total{reason=\"OVERLOADED\"} 1\n", "\nshed_total{reason=\"CALLER_LIMIT\"} 0\n",
        "\nshed_total{reason=\"DRAINING\"} 0\n", "\noperator_lookups_total 1\n",
        "\ncalls_in_flight 0\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, RequestingAMethodAgainReturnsTheSameSeries) {
  Metrics metrics;
  MethodMetrics::In(metrics, kService, "GenerateIdentity").started().Increment();
  MethodMetrics::In(metrics, kService, "GenerateIdentity").started().Increment();
  MethodMetrics::In(metrics, kService, "RefreshIdentity").started().Increment();
  EXPECT_THAT(metrics.Total("grpc_server_started_total", "GenerateIdentity"), Eq(2));
  EXPECT_THAT(metrics.Total("grpc_server_started_total"), Eq(3));
}

TEST(MetricsTest, AGaugeGoesUpAndDown) {
  Metrics metrics;
  const Gauge gauge = HttpMetrics::In(metrics).timers;
  for (int i = 0; i < 5; ++i) gauge.Increment();
  gauge.Decrement();
  EXPECT_THAT(metrics.Total("timers"), Eq(4));
  gauge.Decrement(4);
  EXPECT_THAT(metrics.Total("timers"), Eq(0));
}

TEST(MetricsTest, AGaugeCanBeSet) {
  Metrics metrics;
  const CredentialsMetrics credentials = CredentialsMetrics::In(metrics, "brand");
  credentials.loaded.Set(1900000000);
  credentials.loaded.Set(1900000001);
  EXPECT_THAT(metrics.Total("credential_loaded_timestamp_seconds", "brand"), Eq(1900000001));
}

TEST(MetricsTest, ReloadsOfCredentialsAreCountedByParticipantAndResult) {
  Metrics metrics;
  CredentialsMetrics::In(metrics, "one").reload.Changed(true);
  CredentialsMetrics::In(metrics, "one").reload.Changed(false);
  CredentialsMetrics::In(metrics, "two").reload.Changed(true);
  EXPECT_THAT(metrics.Total("credential_reload_total", "success"), Eq(2));
  EXPECT_THAT(metrics.Total("credential_reload_total", "failure"), Eq(1));
  EXPECT_THAT(metrics.Total("credential_reload_total", "one"), Eq(2));
  EXPECT_THAT(metrics.Total("credential_reload_failing", "one"), Eq(1));
  EXPECT_THAT(metrics.Total("credential_reload_failing", "two"), Eq(0));
  CredentialsMetrics::In(metrics, "one").reload.Changed(true);
  EXPECT_THAT(metrics.Total("credential_reload_failing"), Eq(0));
}

TEST(MetricsTest, AHistogramCountsObservationsByTheirSize) {
  Metrics metrics;
  const Histogram histogram =
      metrics.AddHistogram("wait_seconds", "How long calls wait.", {0.1, 1}, {{"loop", "http"}});
  for (double value : {0.05, 0.1, 0.5, 3.0}) histogram.Observe(value);
  const std::string text = metrics.Text();
  for (const char* line : {"wait_seconds_bucket{loop=\"http\",le=\"0.1\"} 2\n",
                           "wait_seconds_bucket{loop=\"http\",le=\"1\"} 3\n",
                           "wait_seconds_bucket{loop=\"http\",le=\"+Inf\"} 4\n",
                           "wait_seconds_count{loop=\"http\"} 4\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(metrics.Total("wait_seconds"), Eq(4));
}

TEST(MetricsTest, AnUnknownNameHasNoTotal) { EXPECT_THAT(Metrics().Total("unknown"), Eq(0)); }

TEST(MetricsTest, ADefaultHandleCountsNothing) {
  Counter().Increment();
  Gauge().Increment();
  Gauge().Decrement();
  Gauge().Set(1);
  Histogram().Observe(1);
  HttpMetrics().look_ups.Increment();
  MethodMetrics().Handled(absl::StatusCode::kOk, absl::ZeroDuration());
}

TEST(MetricsTest, GaugesAreUpdatedBeforeEachReadingUntilTheUpdateIsDestroyed) {
  Metrics metrics;
  const Gauge gauge = metrics.AddGauge("age_seconds", "How old it is.");
  int age = 0;
  auto update = metrics.BeforeText([&] { gauge.Set(++age); });
  const auto other = metrics.BeforeText([] {});
  EXPECT_THAT(metrics.Text(), HasSubstr("\nage_seconds 1\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("\nage_seconds 2\n"));
  update.reset();
  EXPECT_THAT(metrics.Text(), HasSubstr("\nage_seconds 2\n"));
}

TEST(MetricsTest, NoIncrementFromManyThreadsIsLost) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 10000;
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&metrics] {
      const MethodMetrics method = MethodMetrics::In(metrics, kService, "GenerateIdentity");
      for (int time = 0; time < kTimes; ++time) {
        method.started().Increment();
        AdmissionMetrics::In(metrics).calls_in_flight.Increment();
        AdmissionMetrics::In(metrics).calls_in_flight.Decrement();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Total("grpc_server_started_total"), Eq(kThreads * kTimes));
  EXPECT_THAT(metrics.Total("calls_in_flight"), Eq(0));
}

}  // namespace
}  // namespace uid2
