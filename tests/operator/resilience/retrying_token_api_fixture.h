// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_FIXTURE_H_
#define TESTS_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_FIXTURE_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/status/reason.h"
#include "server/telemetry/address_metrics.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/fakes/recording_call_log.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/simulated_timers.h"

namespace uid2::testing {

inline const TokenGenerateReply kOptedOut{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt};

inline AttemptFailure Unavailable() {
  return {
      .kind = FailureKind::kUnavailable, .reason = identity::v1::OPERATOR_ERROR, .message = "down"};
}

inline AttemptFailure Unreachable() {
  return {.kind = FailureKind::kUnreachable,
          .reason = identity::v1::OPERATOR_UNREACHABLE,
          .message = "no route"};
}

inline AttemptFailure Throttled(absl::Duration retry_after) {
  return {.kind = FailureKind::kTooManyRequests,
          .reason = identity::v1::OPERATOR_THROTTLED,
          .message = "slow down",
          .retry_after = retry_after};
}

inline AttemptFailure Suspended() {
  return {.kind = FailureKind::kSuspended,
          .reason = identity::v1::OPERATOR_CALLS_SUSPENDED,
          .message = "not sent",
          .retry_after = absl::Seconds(1)};
}

inline AttemptFailure TimedOut() {
  return {
      .kind = FailureKind::kTimeout, .reason = identity::v1::OPERATOR_TIMEOUT, .message = "late"};
}

inline AttemptFailure Rejected(Reason reason, absl::string_view field = "") {
  return {.reason = reason, .message = "rejected", .field = std::string(field)};
}

inline AttemptFailure CredentialsRejected() {
  return {.kind = FailureKind::kCredentialsRejected,
          .reason = identity::v1::OPERATOR_REJECTED_API_KEY,
          .message = "unknown key"};
}

// Calls whose attempts a test answers one by one, at any number of addresses.
class RetryingTokenApiTest : public ::testing::Test {
 protected:
  void UseAddresses(size_t count) {
    std::vector<RetryingTokenApi::Address> addresses;
    for (size_t i = 0; i < count; ++i) {
      const std::string url = absl::StrCat("https://", i, ".example");
      auto fake = std::make_unique<FakeAttemptApi>();
      operators_.push_back(fake.get());
      AddressEjection& ejection = ejections_.emplace_back(AddressEjectionOptions());
      addresses.push_back({std::move(fake), ejection,
                           refresh_ejections_.emplace_back(AddressEjectionOptions()), url,
                           AddressMetrics::In(metrics_, "brand", url)});
    }
    api_ = std::make_unique<RetryingTokenApi>(
        std::move(addresses), RetryOptions(),
        RetryingTokenApi::Environment{"brand", credentials_, *budget_, provoked_budget_,
                                      reply_times_, OperatorMetrics::In(metrics_, "brand"), log_,
                                      timers_, clock_, [this] {
                                        if (on_random_) on_random_();
                                        return random_fraction_;
                                      }});
  }

  void Generate() {
    told_.reset();
    context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
    api_->Generate({TokenGenerateRequest::Kind::kEmailHash, "HASH", ""}, *context_,
                   [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  }

  void Answer(AttemptResult<TokenGenerateReply> result, size_t address = 0) {
    ASSERT_THAT(operators_[address]->pending(), ::testing::Eq(1U));
    EXPECT_THAT(operators_[address]->AnswerGenerate(std::move(result)).hash, ::testing::Eq("HASH"));
  }

  std::string Message() const { return std::string(told_->status().message()); }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  SimulatedTimers timers_{clock_};
  OperatorCredentialsProvider credentials_{TestCredentials()};
  std::unique_ptr<RetryBudget> budget_ = std::make_unique<RetryBudget>(RetryBudgetOptions());
  RetryBudget provoked_budget_{RetryBudgetOptions()};
  ReplyTimes reply_times_{absl::Milliseconds(1500)};
  Metrics metrics_;
  RecordingCallLog log_;
  double random_fraction_ = 0.5;
  // Called while it is decided whether and when to retry.
  std::function<void()> on_random_;
  std::deque<AddressEjection> ejections_;
  std::deque<AddressEjection> refresh_ejections_;
  std::vector<FakeAttemptApi*> operators_;
  std::unique_ptr<RetryingTokenApi> api_;
  absl::optional<CallContext> context_;
  absl::optional<absl::StatusOr<TokenGenerateReply>> told_;
};

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_FIXTURE_H_
