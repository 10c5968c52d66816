// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/log_metrics.h"
#include "server/telemetry/method_metrics.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

// What a log wrote to a pipe, up to the writer's last Flush().
class JsonLogTest : public ::testing::Test {
 protected:
  JsonLogTest() {
    EXPECT_THAT(pipe2(pipe_, O_CLOEXEC), Eq(0));
    Start({});
  }

  ~JsonLogTest() override {
    log_.reset();
    close(pipe_[0]);
    close(pipe_[1]);
  }

  void Start(const LogOptions& options) {
    log_ = std::make_unique<JsonLog>(
        pipe_[1], options, LogMetrics::In(metrics_),
        JsonLog::Clocks{[this] { return now_; }, [this] { return steady_; }});
  }

  std::string Written() {
    EXPECT_TRUE(log_->writer().Flush(absl::InfiniteDuration()));
    // Makes sure that there is something to read.
    EXPECT_THAT(write(pipe_[1], "\n", 1), Eq(1));
    std::string text = Read();
    text.pop_back();
    return text;
  }

  // Waits until something is there.
  std::string Read() {
    std::string text(1 << 16, '\0');
    const ssize_t size = read(pipe_[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return text;
  }

  static CallRecord CallWith(absl::StatusCode code, absl::string_view reason = "") {
    CallRecord record;
    record.method = "GenerateIdentity";
    record.code = code;
    record.reason = reason;
    return record;
  }

  void Record(int count, const CallRecord& record) {
    for (int i = 0; i < count; ++i) log_->Record(record);
  }

  int pipe_[2];
  Metrics metrics_;
  absl::Time now_ = absl::FromUnixMillis(1900000000007);
  std::chrono::steady_clock::time_point steady_{std::chrono::hours(1)};
  std::unique_ptr<JsonLog> log_;
};

TEST_F(JsonLogTest, ACallIsOneLineWithTheFieldsThatApply) {
  CallRecord record = CallWith(absl::StatusCode::kOk);
  record.outcome = "ISSUED";
  record.participant = "brand";
  record.duration = absl::Microseconds(1234);
  log_->Record(record);
  EXPECT_THAT(Written(), Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\","
                            "\"method\":\"GenerateIdentity\",\"code\":\"OK\",\"ms\":1.23,"
                            "\"outcome\":\"ISSUED\",\"participant\":\"brand\"}\n"));
}

TEST_F(JsonLogTest, ACallSaysWhoMadeItEvenIfItsNameIsOdd) {
  CallRecord record = CallWith(absl::StatusCode::kOk);
  record.caller = "*";
  record.certificate_name = "u:\\xe9\"";
  record.participant = "brand";
  log_->Record(record);
  EXPECT_THAT(Written(), HasSubstr("\"caller\":\"*\",\"certificate_name\":\"u:\\\\xe9\\\"\","
                                   "\"participant\":\"brand\"}\n"));
}

TEST_F(JsonLogTest, ACallSaysHowItsLastAttemptEndedAndToWhichTraceItBelongs) {
  CallRecord record = CallWith(absl::StatusCode::kUnavailable);
  record.attempts = 3;
  record.operator_status = 503;
  record.operator_address = "192.0.2.1:443";
  record.trace_id = "0af7651916cd43dd8448eb211c80319c";
  record.detail = "why";
  log_->Record(record);
  EXPECT_THAT(Written(), HasSubstr("\"ms\":0.0,\"attempts\":3,\"operator_status\":503,"
                                   "\"operator_address\":\"192.0.2.1:443\","
                                   "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\","
                                   "\"detail\":\"why\"}\n"));
  record.operator_status = 0;
  record.operator_address = "";
  record.trace_id = "";
  log_->Record(record);
  EXPECT_THAT(Written(), HasSubstr("\"attempts\":3,\"detail\":\"why\"}\n"));
}

TEST_F(JsonLogTest, AFailureHasItsReasonAndSeverity) {
  CallRecord record = CallWith(absl::StatusCode::kFailedPrecondition, "CLOCK_SKEW");
  record.detail = "a \"quoted\"\nline";
  log_->Record(record);
  EXPECT_THAT(Written(), Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"ERROR\","
                            "\"method\":\"GenerateIdentity\",\"code\":\"FAILED_PRECONDITION\","
                            "\"ms\":0.0,\"reason\":\"CLOCK_SKEW\","
                            "\"detail\":\"a \\\"quoted\\\"\\nline\"}\n"));
}

TEST_F(JsonLogTest, ALineBelowTheMinimumSeverityIsNotLoggedAndNotCounted) {
  Start({Severity::kError, 1000});
  log_->Record(CallWith(absl::StatusCode::kOk));
  log_->Record(CallWith(absl::StatusCode::kUnavailable));
  log_->Event(Severity::kWarning, "w");
  log_->Totals("stopped", metrics_);
  EXPECT_FALSE(log_->AdmitLibraryError());
  log_->Record(CallWith(absl::StatusCode::kInternal));
  log_->Event(Severity::kError, "e");
  EXPECT_THAT(Written(),
              AllOf(HasSubstr("\"INTERNAL\""), HasSubstr("\"e\""), Not(HasSubstr("\"OK\"")),
                    Not(HasSubstr("WARNING")), Not(HasSubstr("stopped"))));
  EXPECT_THAT(metrics_.Total("log_lines_dropped_total"), Eq(0));
}

AttemptRecord FailedAttempt() {
  AttemptRecord record;
  record.participant = "brand";
  record.address = "https://operator.example";
  record.endpoint = "refresh";
  record.attempt = 2;
  record.failure = "UNAVAILABLE";
  record.operator_status = 503;
  record.operator_address = "192.0.2.1:443";
  record.trace_id = "0af7651916cd43dd8448eb211c80319c";
  record.detail = "why";
  record.duration = absl::Microseconds(1234);
  return record;
}

TEST_F(JsonLogTest, AFailedAttemptIsOneLine) {
  log_->Record(FailedAttempt());
  EXPECT_THAT(Written(),
              Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\",\"attempt\":2,"
                 "\"endpoint\":\"refresh\",\"failure\":\"UNAVAILABLE\",\"ms\":1.23,"
                 "\"participant\":\"brand\",\"address\":\"https://operator.example\","
                 "\"operator_status\":503,\"operator_address\":\"192.0.2.1:443\","
                 "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"detail\":\"why\"}\n"));
}

TEST_F(JsonLogTest, AnAttemptThatSucceededOrWasCancelledIsForDebugging) {
  AttemptRecord succeeded = FailedAttempt();
  succeeded.failure = "";
  AttemptRecord cancelled = FailedAttempt();
  cancelled.cancelled = true;
  log_->Record(succeeded);
  log_->Record(cancelled);
  EXPECT_THAT(Written(), Eq(""));
  Start({Severity::kDebug, 1000});
  log_->Record(succeeded);
  EXPECT_THAT(Written(), AllOf(HasSubstr("\"DEBUG\""), Not(HasSubstr("failure"))));
  log_->Record(cancelled);
  EXPECT_THAT(Written(), HasSubstr("\"DEBUG\""));
}

TEST_F(JsonLogTest, BeyondTheRateCallsAreDroppedAndReportedByKindWithinASecondOrTwo) {
  Start({Severity::kInfo, 100});
  Record(60, CallWith(absl::StatusCode::kOk));
  Record(30, CallWith(absl::StatusCode::kInvalidArgument));
  for (int i = 0; i < 6; ++i) log_->Record(FailedAttempt());
  // An identity that was kept is a fault, as is an error of the operator's or of the server's.
  Record(10, CallWith(absl::StatusCode::kOk, "OPERATOR_TIMEOUT"));
  Record(10, CallWith(absl::StatusCode::kUnavailable));
  Record(10, CallWith(absl::StatusCode::kInternal));
  for (int i = 0; i < 12; ++i) (void)log_->AdmitLibraryError();
  log_->Event(Severity::kInfo, "a change of state");
  EXPECT_THAT(Written(), HasSubstr("a change of state"));
  EXPECT_THAT(metrics_.Total("log_lines_dropped_total"), Eq(10 + 5 + 6 + 5 + 2));
  // Nothing else is logged: the report does not wait for another line.
  EXPECT_THAT(
      Read(),
      Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"WARNING\","
         "\"event\":\"lines_dropped\",\"successes\":10,\"callers_errors\":5,\"failed_attempts\":6,"
         "\"faults\":5,\"library_errors\":2}\n"));
  Record(1, CallWith(absl::StatusCode::kOk));
  EXPECT_THAT(Read(), HasSubstr("\"lines_dropped\",\"successes\":1}"));
}

TEST_F(JsonLogTest, TotalsFollowAReportOfWhatWasDroppedBefore) {
  Start({Severity::kInfo, 2});
  Record(3, CallWith(absl::StatusCode::kOk));
  log_->Totals("stopped", metrics_);
  EXPECT_THAT(Written(), HasSubstr("\"lines_dropped\",\"successes\":2}\n{"));
}

TEST_F(JsonLogTest, TotalsAreNumbersUnderTheirNames) {
  Metrics metrics;
  const auto times = [](int count, const auto& metric) {
    for (int i = 0; i < count; ++i) metric.Increment();
  };
  times(1, AdmissionMetrics::In(metrics).calls_in_flight);
  times(2, HttpTargetMetrics::In(metrics, "brand", "https://one.example").requests_in_flight);
  times(3, OperatorMetrics::In(metrics, "brand").shared_refreshes);
  times(4, HttpMetrics::In(metrics).timers);
  constexpr char kService[] = "uid2.identity.v1.IdentityService";
  times(7, MethodMetrics::In(metrics, kService, "Generate").started());
  times(4, MethodMetrics::In(metrics, kService, "Refresh").started());
  times(5, MethodMetrics::In(metrics, "grpc.health.v1.Health", "Check").started());
  times(1, AdmissionMetrics::In(metrics).draining);
  times(2, AdmissionMetrics::In(metrics).overloaded);
  times(3, AdmissionMetrics::In(metrics).caller_limit);
  times(7, HttpTargetMetrics::In(metrics, "brand", "https://two.example").requests_sent);
  times(8, OperatorMetrics::In(metrics, "brand").retries(RetryReason::kTimeout));
  times(9, HttpTargetMetrics::In(metrics, "other", "https://one.example").requests_resent);
  times(10, OperatorMetrics::In(metrics, "brand").calls_suspended);
  times(11, OperatorMetrics::In(metrics, "brand").refreshes_shared);
  times(12, OperatorMetrics::In(metrics, "brand").replies_not_opened);
  times(5, LogMetrics::In(metrics).unread);
  times(8, LogMetrics::In(metrics).over_rate);
  log_->Totals("draining", metrics);
  EXPECT_THAT(
      Written(),
      Eq("{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\",\"event\":\"draining\","
         "\"calls_in_flight\":1,\"operator_requests_in_flight\":2,\"shared_refreshes\":3,"
         "\"timers\":4,\"calls\":5,\"refused\":6,\"operator_requests\":7,\"retries\":8,"
         "\"operator_resends\":9,\"suspended\":10,\"shared\":11,\"not_opened\":12,"
         "\"log_lines_lost\":13}\n"));
}

TEST_F(JsonLogTest, LinesLoggedBeforeDestructionAreWritten) {
  log_->Event(Severity::kInfo, "last");
  log_.reset();
  EXPECT_THAT(Read(), HasSubstr("last"));
}

TEST_F(JsonLogTest, AMetricSaysSinceWhenNobodyHasRead) {
  const auto began = [this] { return metrics_.Total("log_write_began_timestamp_seconds"); };
  EXPECT_THAT(began(), Eq(0));
  log_->Event(Severity::kInfo, std::string(1 << 20, 'x'));
  pollfd written = {pipe_[0], POLLIN, 0};
  ASSERT_THAT(poll(&written, 1, -1), Eq(1));
  EXPECT_THAT(began(), Eq(1900000000));
  while (Read().back() != '\n') {
  }
  EXPECT_TRUE(log_->writer().Flush(absl::InfiniteDuration()));
  EXPECT_THAT(began(), Eq(0));
}

TEST_F(JsonLogTest, TheLineAboutLostLinesIsAnEvent) {
  const std::string large(LogWriter::kMaxBacklog / 2, 'x');
  for (int i = 0; i < 9; ++i) log_->Event(Severity::kInfo, large);
  std::string all;
  std::thread reading([&] {
    for (std::string text = Read(); !text.empty(); text = Read()) all += text;
  });
  log_.reset();
  close(std::exchange(pipe_[1], -1));
  reading.join();
  EXPECT_THAT(all, HasSubstr("\"severity\":\"WARNING\",\"message\":"
                             "\"lines of this log that were lost: "));
}

}  // namespace
}  // namespace uid2
