#ifndef TESTS_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_FIXTURE_H_
#define TESTS_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_FIXTURE_H_

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/failure_kind.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/status/reason.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/simulated_timers.h"

namespace uid2::testing {

inline const TokenGenerateReply kOptedOut{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt};

inline absl::Status Unavailable() {
  return WithFailureKind(MakeError(identity::v1::OPERATOR_ERROR, "down"),
                         FailureKind::kUnavailable);
}

inline absl::Status Unreachable() {
  return WithFailureKind(MakeError(identity::v1::OPERATOR_UNREACHABLE, "no route"),
                         FailureKind::kUnreachable);
}

inline absl::Status Throttled(absl::Duration retry_after) {
  return WithFailureKind(
      MakeRetryableError(identity::v1::OPERATOR_THROTTLED, "slow down", retry_after),
      FailureKind::kTooManyRequests);
}

inline absl::Status Suspended() {
  return WithFailureKind(
      MakeRetryableError(identity::v1::OPERATOR_CALLS_SUSPENDED, "held back", absl::Seconds(1)),
      FailureKind::kSuspended);
}

// Calls that a test answers attempt by attempt, at as many addresses as it likes.
class RetryingTokenApiTest : public ::testing::Test {
 protected:
  void UseAddresses(size_t count) {
    std::vector<RetryingTokenApi::Address> addresses;
    for (size_t i = 0; i < count; ++i) {
      auto fake = std::make_unique<FakeTokenApi>();
      operators_.push_back(fake.get());
      addresses.push_back({std::move(fake), rests_.emplace_back(AddressRestOptions())});
    }
    api_ = std::make_unique<RetryingTokenApi>(
        std::move(addresses), RetryOptions(), absl::Milliseconds(1500),
        RetryingTokenApi::Environment{*budget_, counts_, timers_, clock_,
                                      [this] { return draw_; }});
  }

  void Generate() {
    told_.reset();
    context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
    api_->Generate({TokenGenerateRequest::Kind::kEmailHash, "HASH", ""}, *context_,
                   [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  }

  void Answer(absl::StatusOr<TokenGenerateReply> reply, size_t address = 0) {
    ASSERT_THAT(operators_[address]->pending(), ::testing::Eq(1u));
    EXPECT_THAT(operators_[address]->AnswerGenerate(std::move(reply)).hash, ::testing::Eq("HASH"));
  }

  std::string Message() const { return std::string(told_->status().message()); }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  SimulatedTimers timers_{clock_};
  std::unique_ptr<RetryBudget> budget_ = std::make_unique<RetryBudget>(RetryBudgetOptions());
  OperatorCounts counts_;
  double draw_ = 0.5;
  std::deque<AddressRest> rests_;
  std::vector<FakeTokenApi*> operators_;
  std::unique_ptr<RetryingTokenApi> api_;
  absl::optional<CallContext> context_;
  absl::optional<absl::StatusOr<TokenGenerateReply>> told_;
};

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_FIXTURE_H_
