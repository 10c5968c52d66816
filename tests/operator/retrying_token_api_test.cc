#include "server/operator/retrying_token_api.h"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/failure_kind.h"
#include "server/status/reason.h"
#include "tests/identity/fake_token_api.h"
#include "tests/matchers/status_matchers.h"
#include "tests/operator/simulated_clock.h"
#include "tests/operator/simulated_timers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;
using uid2::testing::FakeTokenApi;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::SimulatedClock;
using uid2::testing::SimulatedTimers;
using uid2::testing::StatusIs;

const TokenGenerateReply kOptedOut{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt};

absl::Status Unavailable() {
  return WithFailureKind(MakeError(identity::v1::OPERATOR_ERROR, "down"),
                         FailureKind::kUnavailable);
}

absl::Status Unreachable() {
  return WithFailureKind(MakeError(identity::v1::OPERATOR_UNREACHABLE, "no route"),
                         FailureKind::kUnreachable);
}

absl::Status Throttled(absl::Duration retry_after) {
  return WithFailureKind(
      MakeRetryableError(identity::v1::OPERATOR_THROTTLED, "slow down", retry_after),
      FailureKind::kTooManyRequests);
}

absl::Status Suspended() {
  return WithFailureKind(
      MakeRetryableError(identity::v1::OPERATOR_CALLS_SUSPENDED, "held back", absl::Seconds(1)),
      FailureKind::kSuspended);
}

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
    ASSERT_THAT(operators_[address]->pending(), Eq(1u));
    EXPECT_THAT(operators_[address]->AnswerGenerate(std::move(reply)).hash, Eq("HASH"));
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

TEST_F(RetryingTokenApiTest, ASuccessIsPassedOn) {
  UseAddresses(1);
  Generate();
  Answer(kOptedOut);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(counts_.retries, Eq(0));
}

TEST_F(RetryingTokenApiTest, WaitsBeforeEachFurtherAttempt) {
  UseAddresses(1);
  Generate();
  Answer(Unreachable());
  EXPECT_TRUE(operators_[0]->idle());
  timers_.Advance(absl::Milliseconds(24));
  EXPECT_TRUE(operators_[0]->idle());
  timers_.Advance(absl::Milliseconds(1));
  Answer(Unreachable());
  timers_.Advance(absl::Milliseconds(50));
  Answer(kOptedOut);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(counts_.retries, Eq(2));
  EXPECT_THAT(timers_.waiting(), Eq(0u));
}

TEST_F(RetryingTokenApiTest, TheFinalErrorSaysHowManyAttemptsWereMadeAndWhyNoMore) {
  UseAddresses(1);
  Generate();
  for (int i = 0; i < 3; ++i) {
    Answer(Unavailable());
    timers_.Advance(absl::Seconds(1));
  }
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_ERROR));
  EXPECT_THAT(Message(), Eq("down (3 attempts; no more are made)"));
}

TEST_F(RetryingTokenApiTest, AHopelessFailureIsAnsweredAtOnce) {
  UseAddresses(1);
  Generate();
  Answer(MakeError(identity::v1::OPERATOR_REJECTED_API_KEY, "bad key"));
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_REJECTED_API_KEY));
  EXPECT_THAT(Message(), HasSubstr("1 attempt; another would end the same"));
}

TEST_F(RetryingTokenApiTest, AFaultOfTheCallersIsToldAsItIs) {
  UseAddresses(1);
  Generate();
  Answer(MakeError(identity::v1::CONSENT_STRING_INVALID, "not a string", "tcf_consent_string"));
  EXPECT_THAT(Message(), Eq("not a string"));
  EXPECT_THAT(FieldOf(told_->status()), Eq("tcf_consent_string"));
}

TEST_F(RetryingTokenApiTest, ARetryAfterThatFitsIsHonoured) {
  UseAddresses(1);
  Generate();
  Answer(Throttled(absl::Seconds(2)));
  timers_.Advance(absl::Milliseconds(1999));
  EXPECT_TRUE(operators_[0]->idle());
  timers_.Advance(absl::Milliseconds(51));
  Answer(kOptedOut);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, ARetryAfterThatDoesNotFitEndsTheCallAndIsPassedOn) {
  UseAddresses(1);
  Generate();
  Answer(Throttled(absl::Seconds(60)));
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_THROTTLED));
  EXPECT_THAT(RetryAfterOf(told_->status()), Optional(absl::Seconds(60)));
  EXPECT_THAT(Message(), HasSubstr("1 attempt; the operator asks to wait"));
}

TEST_F(RetryingTokenApiTest, NoRetryIsMadeOnceTheBudgetIsSpent) {
  budget_ = std::make_unique<RetryBudget>(RetryBudgetOptions{1, 0.1});
  UseAddresses(1);
  Generate();
  Answer(Unreachable());
  timers_.Advance(absl::Seconds(1));
  Answer(Unreachable());
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(Message(), HasSubstr("2 attempts; too many calls are being tried again"));
}

TEST_F(RetryingTokenApiTest, SuccessesEarnRetries) {
  budget_ = std::make_unique<RetryBudget>(RetryBudgetOptions{1, 0.5});
  UseAddresses(1);
  ASSERT_TRUE(budget_->Spend());
  for (int i = 0; i < 2; ++i) {
    Generate();
    Answer(kOptedOut);
  }
  EXPECT_TRUE(budget_->Spend());
}

TEST_F(RetryingTokenApiTest, ACallerThatGoesWhileItsCallWaitsIsAnsweredAtOnce) {
  UseAddresses(1);
  Generate();
  Answer(Unavailable());
  ASSERT_THAT(timers_.waiting(), Eq(1u));
  context_->Cancel();
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(timers_.waiting(), Eq(0u));
  timers_.Advance(absl::Seconds(5));
  EXPECT_TRUE(operators_[0]->idle());
}

TEST_F(RetryingTokenApiTest, ACallerThatHasGoneDuringAnAttemptGetsNoOther) {
  UseAddresses(1);
  Generate();
  context_->Cancel();
  Answer(absl::CancelledError("taken off the wire"));
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(timers_.waiting(), Eq(0u));
}

TEST_F(RetryingTokenApiTest, TooLittleTimeBeginsNothing) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::milliseconds(99), true);
  api_->Generate({}, *context_,
                 [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  EXPECT_THAT(*told_, HasReason(identity::v1::DEADLINE_TOO_SHORT));
  EXPECT_TRUE(operators_[0]->idle());
}

TEST_F(RetryingTokenApiTest, ACallWhoseCallerHasGoneIsNotBegun) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
  context_->Cancel();
  api_->Generate({}, *context_,
                 [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(operators_[0]->idle());
}

TEST_F(RetryingTokenApiTest, ACallThatIsHeldBackIsAnsweredAtOnceAndCounted) {
  UseAddresses(1);
  Generate();
  Answer(Suspended());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_CALLS_SUSPENDED));
  EXPECT_THAT(Message(), Eq("held back"));
  EXPECT_THAT(RetryAfterOf(told_->status()), Optional(absl::Seconds(1)));
  EXPECT_THAT(counts_.suspended, Eq(1));
}

TEST_F(RetryingTokenApiTest, ARetryThatIsHeldBackLeavesTheFailureBeforeIt) {
  UseAddresses(1);
  Generate();
  Answer(Unreachable());
  timers_.Advance(absl::Seconds(1));
  Answer(Suspended());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_UNREACHABLE));
  EXPECT_THAT(Message(), HasSubstr("1 attempt; calls to the operator are suspended"));
  EXPECT_THAT(counts_.suspended, Eq(0));
}

TEST_F(RetryingTokenApiTest, AFailureOfTheFirstAddressGoesToTheNextAtOnce) {
  UseAddresses(2);
  Generate();
  Answer(Unavailable(), 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, AnAddressThatHoldsTheCallBackSendsItToTheNext) {
  UseAddresses(2);
  Generate();
  Answer(Suspended(), 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(counts_.retries, Eq(0));
}

TEST_F(RetryingTokenApiTest, TooManyRequestsStaysWhereItIs) {
  UseAddresses(2);
  Generate();
  Answer(Throttled(absl::Seconds(1)), 0);
  timers_.Advance(absl::Milliseconds(1025));
  Answer(kOptedOut, 0);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, ACertificateFaultRestsItsAddressAndGoesOnToTheNext) {
  UseAddresses(2);
  const absl::Status fault =
      WithFailureKind(MakeError(identity::v1::OPERATOR_UNREACHABLE, "expired certificate"),
                      FailureKind::kCertificate);
  Generate();
  Answer(fault, 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_TRUE(rests_[0].rests());
  Generate();
  EXPECT_TRUE(operators_[0]->idle());
  Answer(kOptedOut, 1);
}

TEST_F(RetryingTokenApiTest, CallsComeBackToTheFirstAddressOnceItIsWell) {
  UseAddresses(2);
  for (int i = 0; i < 3; ++i) {
    Generate();
    Answer(Unreachable(), 0);
    Answer(kOptedOut, 1);
  }
  ASSERT_TRUE(rests_[0].rests());
  timers_.Advance(absl::Seconds(1));
  Generate();
  Answer(kOptedOut, 0);
  EXPECT_FALSE(rests_[0].rests());
}

TEST_F(RetryingTokenApiTest, ARefreshIsRetriedToo) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
  absl::optional<absl::StatusOr<TokenRefreshReply>> told;
  api_->Refresh({"TOKEN", "KEY"}, *context_,
                [&](absl::StatusOr<TokenRefreshReply> reply) { told = reply; });
  operators_[0]->AnswerRefresh(Unreachable());
  timers_.Advance(absl::Seconds(1));
  const TokenRefreshRequest again = operators_[0]->AnswerRefresh(
      TokenRefreshReply{TokenRefreshReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_THAT(again.refresh_token, Eq("TOKEN"));
  EXPECT_THAT(again.refresh_response_key, Eq("KEY"));
  EXPECT_THAT(*told, IsOk());
}

}  // namespace
}  // namespace uid2
