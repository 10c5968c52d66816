// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/logging_attempt_api.h"

#include <chrono>
#include <string>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/trace_id.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/fakes/recording_call_log.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using uid2::testing::FakeAttemptApi;
using uid2::testing::RecordingCallLog;
using uid2::testing::SimulatedClock;
using uid2::testing::TestCredentials;

class LoggingAttemptApiTest : public ::testing::Test {
 protected:
  LoggingAttemptApiTest() : context_(clock_.Steady() + std::chrono::seconds(4), true) {
    context_.set_trace_id(
        TraceId::FromTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  }

  // What the HTTP layer notes when an attempt ends.
  void Trace(int attempts, int status, const std::string& peer) {
    context_.trace().attempts = attempts;
    context_.trace().http_status = status;
    context_.trace().peer = peer;
  }

  void Generate() {
    api_.Send(generate_request_, credentials_, context_,
              [this](AttemptResult<TokenGenerateReply> result) { generated_ = result; });
  }

  void Refresh() {
    api_.Send(refresh_request_, credentials_, context_,
              [this](AttemptResult<TokenRefreshReply> result) { refreshed_ = result; });
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  RecordingCallLog log_;
  const TokenGenerateRequest generate_request_ = {TokenGenerateRequest::Kind::kEmailHash, "HASH",
                                                  "CONSENT"};
  const TokenRefreshRequest refresh_request_ = {"RT", "KEY"};
  const OperatorCredentialsPtr credentials_ = TestCredentials();
  CallContext context_;
  FakeAttemptApi* const next_ = new FakeAttemptApi();
  LoggingAttemptApi api_{absl::WrapUnique(next_), "brand", "https://operator.example", clock_,
                         log_};
  absl::optional<AttemptResult<TokenGenerateReply>> generated_;
  absl::optional<AttemptResult<TokenRefreshReply>> refreshed_;
};

TEST_F(LoggingAttemptApiTest, AFailureIsLoggedWithWhereAndWhyBeforeItIsPassedOn) {
  Generate();
  Trace(2, 503, "192.0.2.1:443");
  next_->AnswerGenerate(AttemptFailure{.kind = FailureKind::kUnavailable, .message = "why"});
  ASSERT_TRUE(generated_.has_value());
  EXPECT_THAT(FailureOf(*generated_)->message, Eq("why"));
  EXPECT_THAT(log_.attempts(),
              ElementsAre("brand|https://operator.example|generate|2|UNAVAILABLE|503|192.0.2.1:443|"
                          "0af7651916cd43dd8448eb211c80319c|why"));
}

TEST_F(LoggingAttemptApiTest, ASuccessIsLoggedWithoutAFailure) {
  Refresh();
  Trace(1, 200, "192.0.2.1:443");
  next_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_TRUE(refreshed_.has_value());
  EXPECT_THAT(log_.attempts(),
              ElementsAre("brand|https://operator.example|refresh|1||200|192.0.2.1:443|"
                          "0af7651916cd43dd8448eb211c80319c|"));
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

TEST_F(LoggingAttemptApiTest, ACancelledAttemptIsATimeoutOnceTheDeadlineOfTheCallHasPassed) {
  CancellationLog log;
  auto* const next = new FakeAttemptApi();
  LoggingAttemptApi api(absl::WrapUnique(next), "brand", "https://operator.example", clock_, log);
  const AttemptFailure gone = {.kind = FailureKind::kCancelled, .message = "gone"};
  api.Send(refresh_request_, credentials_, context_, [](const auto& /*result*/) {});
  clock_.Advance(absl::Seconds(3));
  next->AnswerRefresh(gone);
  EXPECT_TRUE(log.cancelled);
  EXPECT_THAT(log.failure, Eq("CANCELLED"));
  EXPECT_THAT(log.duration, Eq(absl::Seconds(3)));
  api.Send(refresh_request_, credentials_, context_, [](const auto& /*result*/) {});
  clock_.Advance(absl::Seconds(1));
  next->AnswerRefresh(gone);
  EXPECT_FALSE(log.cancelled);
  EXPECT_THAT(log.failure, Eq("TIMEOUT"));
}

}  // namespace
}  // namespace uid2
