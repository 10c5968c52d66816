// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_reporter.h"

#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/trace_id.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_call_log.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::RecordingCallLog;

constexpr CallContext::TimePoint kBegun{std::chrono::seconds(100)};

class AttemptReporterTest : public ::testing::Test {
 protected:
  AttemptReporterTest() {
    context_.set_trace_id(
        TraceId::FromTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  }

  // What the HTTP layer notes when an attempt ends.
  void Trace(int status, const std::string& peer) {
    context_.trace().http_status = status;
    context_.trace().peer = peer;
  }

  AttemptReporter ReporterOf(absl::string_view endpoint, CallLog& log) {
    return {"brand", "https://operator.example", endpoint,
            EndpointMetrics::In(metrics_, "brand", "https://operator.example", endpoint), log};
  }

  void ExpectCounted(const std::string& labels) const {
    EXPECT_THAT(metrics_.Text(),
                HasSubstr("\noperator_requests_total{address=\"https://operator.example\"," +
                          labels + ",participant=\"brand\"} 1\n"));
  }

  RecordingCallLog log_;
  Metrics metrics_;
  CallContext context_{kBegun + std::chrono::seconds(4), true};
};

TEST_F(AttemptReporterTest, AFailureIsCountedAndLoggedWithWhereAndWhy) {
  const AttemptFailure failure = {.kind = FailureKind::kUnavailable, .message = "why"};
  Trace(503, "192.0.2.1:443");
  ReporterOf("generate", log_)
      .Ended(2, &failure, context_, kBegun, kBegun + std::chrono::seconds(1));
  EXPECT_THAT(log_.attempts(),
              ElementsAre("brand|https://operator.example|generate|2|UNAVAILABLE|503|192.0.2.1:443|"
                          "0af7651916cd43dd8448eb211c80319c|why"));
  ExpectCounted("attempt=\"2\",code_class=\"5xx\",endpoint=\"generate\"");
}

TEST_F(AttemptReporterTest, ASuccessIsCountedAndLoggedWithoutAFailure) {
  Trace(200, "192.0.2.1:443");
  ReporterOf("refresh", log_).Ended(1, nullptr, context_, kBegun, kBegun + std::chrono::seconds(1));
  EXPECT_THAT(log_.attempts(),
              ElementsAre("brand|https://operator.example|refresh|1||200|192.0.2.1:443|"
                          "0af7651916cd43dd8448eb211c80319c|"));
  ExpectCounted("attempt=\"1\",code_class=\"2xx\",endpoint=\"refresh\"");
}

// Records what tells a timeout from a caller that has gone.
class CancellationLog : public CallLog {
 public:
  void Record(const CallRecord& /*record*/) override {}
  void Record(const AttemptRecord& record) override {
    cancelled = record.cancelled;
    failure = std::string(record.failure);
    duration = record.duration;
  }

  bool cancelled = false;
  std::string failure;
  absl::Duration duration;
};

TEST_F(AttemptReporterTest, ACancelledAttemptIsATimeoutOnceTheDeadlineOfTheCallHasPassed) {
  CancellationLog log;
  const AttemptReporter reporter = ReporterOf("refresh", log);
  const AttemptFailure gone = {.kind = FailureKind::kCancelled, .message = "gone"};
  reporter.Ended(1, &gone, context_, kBegun, kBegun + std::chrono::seconds(3));
  EXPECT_TRUE(log.cancelled);
  EXPECT_THAT(log.failure, Eq("CANCELLED"));
  EXPECT_THAT(log.duration, Eq(absl::Seconds(3)));
  ExpectCounted("attempt=\"1\",code_class=\"cancelled\",endpoint=\"refresh\"");
  reporter.Ended(1, &gone, context_, kBegun, context_.deadline());
  EXPECT_FALSE(log.cancelled);
  EXPECT_THAT(log.failure, Eq("TIMEOUT"));
  ExpectCounted("attempt=\"1\",code_class=\"none\",endpoint=\"refresh\"");
}

}  // namespace
}  // namespace uid2
