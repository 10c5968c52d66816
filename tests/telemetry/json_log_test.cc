// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/log_metrics.h"
#include "server/telemetry/method_metrics.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

// What a log wrote to a pipe, up to the writer's last Flush().
class JsonLogTest : public ::testing::Test {
 protected:
  JsonLogTest() {
    EXPECT_THAT(pipe2(pipe_, O_CLOEXEC | O_NONBLOCK), Eq(0));
    writer_ = std::make_unique<LogWriter>(pipe_[1]);
    log_ = std::make_unique<JsonLog>(*writer_, [this] { return now_; });
  }

  ~JsonLogTest() override {
    log_.reset();
    writer_.reset();
    close(pipe_[0]);
    close(pipe_[1]);
  }

  std::string Written() {
    EXPECT_TRUE(writer_->Flush(absl::InfiniteDuration()));
    std::string text(1 << 16, '\0');
    const ssize_t size = read(pipe_[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return text;
  }

  int pipe_[2];
  absl::Time now_ = absl::FromUnixMillis(1900000000007);
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<JsonLog> log_;
};

TEST_F(JsonLogTest, ACallIsOneLineWithTheFieldsThatApply) {
  CallRecord record;
  record.method = "GenerateIdentity";
  record.code = "OK";
  record.outcome = "ISSUED";
  record.participant = "brand";
  record.duration = absl::Microseconds(1234);
  log_->Record(record);
  EXPECT_THAT(Written(), Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\","
                            "\"method\":\"GenerateIdentity\",\"code\":\"OK\",\"ms\":1.23,"
                            "\"outcome\":\"ISSUED\",\"participant\":\"brand\"}\n"));
}

TEST_F(JsonLogTest, ACallSaysWhoMadeItEvenIfItsNameIsOdd) {
  CallRecord record;
  record.method = "GenerateIdentity";
  record.code = "OK";
  record.caller = "*";
  record.certificate_name = "u:\\xe9\"";
  record.participant = "brand";
  log_->Record(record);
  EXPECT_THAT(Written(), HasSubstr("\"caller\":\"*\",\"certificate_name\":\"u:\\\\xe9\\\"\","
                                   "\"participant\":\"brand\"}\n"));
}

TEST_F(JsonLogTest, ACallSaysHowItsLastAttemptEnded) {
  CallRecord record;
  record.method = "GenerateIdentity";
  record.code = "UNAVAILABLE";
  record.attempts = 3;
  record.operator_status = 503;
  record.operator_address = "192.0.2.1:443";
  record.detail = "why";
  log_->Record(record);
  EXPECT_THAT(Written(), HasSubstr("\"ms\":0.0,\"attempts\":3,\"operator_status\":503,"
                                   "\"operator_address\":\"192.0.2.1:443\",\"detail\":\"why\"}\n"));
  record.operator_status = 0;
  record.operator_address = "";
  log_->Record(record);
  EXPECT_THAT(Written(), HasSubstr("\"attempts\":3,\"detail\":\"why\"}\n"));
}

TEST_F(JsonLogTest, AFailureHasItsReasonAndSeverity) {
  CallRecord record;
  record.method = "RefreshIdentity";
  record.code = "FAILED_PRECONDITION";
  record.reason = "CLOCK_SKEW";
  record.detail = "a \"quoted\"\nline";
  log_->Record(record);
  EXPECT_THAT(Written(), Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"ERROR\","
                            "\"method\":\"RefreshIdentity\",\"code\":\"FAILED_PRECONDITION\","
                            "\"ms\":0.0,\"reason\":\"CLOCK_SKEW\","
                            "\"detail\":\"a \\\"quoted\\\"\\nline\"}\n"));
}

TEST_F(JsonLogTest, TheTimeFollowsTheClockWithinASecondAndIntoTheNext) {
  log_->Event(Severity::kInfo, "x");
  now_ += absl::Milliseconds(992);
  log_->Event(Severity::kInfo, "x");
  now_ += absl::Milliseconds(1);
  log_->Event(Severity::kWarning, "y");
  EXPECT_THAT(
      Written(),
      Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\",\"message\":\"x\"}\n"
         "{\"time\":\"2030-03-17T17:46:40.999Z\",\"severity\":\"INFO\",\"message\":\"x\"}\n"
         "{\"time\":\"2030-03-17T17:46:41.000Z\",\"severity\":\"WARNING\",\"message\":\"y\"}\n"));
}

TEST_F(JsonLogTest, TotalsAreNumbersUnderTheirNames) {
  Metrics metrics;
  const auto times = [](int count, const auto& metric) {
    for (int i = 0; i < count; ++i) metric.Increment();
  };
  times(1, AdmissionMetrics::In(metrics).calls_in_flight);
  times(2, HttpMetrics::In(metrics).requests_in_flight);
  times(3, OperatorMetrics::In(metrics).shared_refreshes);
  times(4, HttpMetrics::In(metrics).timers);
  constexpr char kService[] = "uid2.identity.v1.IdentityService";
  times(7, MethodMetrics::In(metrics, kService, "Generate").started());
  times(4, MethodMetrics::In(metrics, kService, "Refresh").started());
  times(5, MethodMetrics::In(metrics, "grpc.health.v1.Health", "Check").started());
  times(1, AdmissionMetrics::In(metrics).draining);
  times(2, AdmissionMetrics::In(metrics).overloaded);
  times(3, AdmissionMetrics::In(metrics).caller_limit);
  times(7, HttpMetrics::In(metrics).requests_sent);
  times(8, OperatorMetrics::In(metrics).retries);
  times(9, HttpMetrics::In(metrics).requests_resent);
  times(10, OperatorMetrics::In(metrics).calls_suspended);
  times(11, OperatorMetrics::In(metrics).refreshes_shared);
  times(12, OperatorMetrics::In(metrics).replies_not_opened);
  times(13, LogMetrics::In(metrics).lines_dropped);
  log_->Totals("draining", metrics);
  EXPECT_THAT(
      Written(),
      Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\",\"event\":\"draining\","
         "\"calls_in_flight\":1,\"operator_requests_in_flight\":2,\"shared_refreshes\":3,"
         "\"timers\":4,\"calls\":5,\"refused\":6,\"operator_requests\":7,\"retries\":8,"
         "\"operator_resends\":9,\"suspended\":10,\"shared\":11,\"not_opened\":12,"
         "\"log_lines_lost\":13}\n"));
}

TEST_F(JsonLogTest, TheLineAboutLostLinesIsAnEvent) {
  EXPECT_THAT(JsonLog::LostLine(absl::UnixEpoch(), 17),
              Eq("{\"time\":\"1970-01-01T00:00:00.000Z\",\"severity\":\"WARNING\","
                 "\"message\":\"lines of this log that were lost: 17\"}"));
}

TEST_F(JsonLogTest, LinesLoggedBeforeDestructionAreWritten) {
  log_->Event(Severity::kInfo, "last");
  log_.reset();
  writer_.reset();
  char text[256];
  EXPECT_GT(read(pipe_[0], text, sizeof(text)), 0);
}

}  // namespace
}  // namespace uid2
