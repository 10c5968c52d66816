// SPDX-License-Identifier: Apache-2.0

#include "tests/matchers/status_matchers.h"
#include "tests/operator/resilience/retrying_token_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::kOptedOut;
using uid2::testing::Rejected;
using uid2::testing::RetryingTokenApiTest;
using uid2::testing::StatusIs;
using uid2::testing::Suspended;
using uid2::testing::Throttled;
using uid2::testing::TimedOut;
using uid2::testing::Unavailable;
using uid2::testing::Unreachable;

TEST_F(RetryingTokenApiTest, ASuccessIsPassedOn) {
  UseAddresses(1);
  Generate();
  Answer(kOptedOut);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(0));
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
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(2));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
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
  EXPECT_THAT(Message(), Eq("down (3 attempts; no more are allowed)"));
}

TEST_F(RetryingTokenApiTest, APermanentFailureIsAnsweredAtOnce) {
  UseAddresses(1);
  Generate();
  Answer(Rejected(identity::v1::OPERATOR_REJECTED_API_KEY));
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_REJECTED_API_KEY));
  EXPECT_THAT(Message(), HasSubstr("1 attempt; a retry would have the same result"));
}

TEST_F(RetryingTokenApiTest, ACallersFaultIsPassedOnUnchanged) {
  UseAddresses(1);
  Generate();
  Answer(Rejected(identity::v1::CONSENT_STRING_INVALID, "tcf_consent_string"));
  EXPECT_THAT(Message(), Eq("rejected"));
  EXPECT_THAT(FieldOf(told_->status()), Eq("tcf_consent_string"));
}

TEST_F(RetryingTokenApiTest, ARetryAfterThatFitsTheDeadlineIsHonored) {
  UseAddresses(1);
  Generate();
  Answer(Throttled(absl::Seconds(2)));
  timers_.Advance(absl::Milliseconds(1999));
  EXPECT_TRUE(operators_[0]->idle());
  timers_.Advance(absl::Milliseconds(51));
  Answer(kOptedOut);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, ARetryAfterBeyondTheDeadlineEndsTheCallAndIsPassedOn) {
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
  EXPECT_THAT(Message(), HasSubstr("2 attempts; too many calls are being retried"));
}

TEST_F(RetryingTokenApiTest, ErrorsThatCallersMayHaveProvokedSpendABudgetOfTheirOwn) {
  UseAddresses(1);
  const AttemptFailure provoked = {.kind = FailureKind::kPossiblyProvokedError,
                                   .reason = identity::v1::OPERATOR_ERROR,
                                   .message = "a server error"};
  const double before = budget_->available();
  for (int i = 0; i < 60; ++i) {
    Generate();
    Answer(provoked);
    timers_.Advance(absl::Seconds(1));
    if (!told_.has_value()) Answer(provoked);
    ASSERT_TRUE(told_.has_value());
    EXPECT_THAT(Message(), HasSubstr(i < 50 ? "2 attempts; a retry had the same result"
                                            : "1 attempt; too many calls are being retried"));
  }
  EXPECT_THAT(budget_->available(), Eq(before));
}

TEST_F(RetryingTokenApiTest, AnErrorThatTheCallerProvokedIsNotRetried) {
  UseAddresses(1);
  Generate();
  Answer(AttemptFailure{.kind = FailureKind::kProvokedError,
                        .reason = identity::v1::OPERATOR_ERROR,
                        .message = "a server error"});
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(Message(), HasSubstr("1 attempt; no operator issues refresh tokens in this form"));
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

TEST_F(RetryingTokenApiTest, ATimeoutBeforeTheCallersDeadlineIsTheOperators) {
  UseAddresses(1);
  Generate();
  clock_.Advance(absl::Milliseconds(4950));
  Answer(TimedOut());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_TIMEOUT));
  EXPECT_THAT(Message(), Eq("late (1 attempt; too little time is left for another)"));
}

TEST_F(RetryingTokenApiTest, ATimeoutAtTheCallersDeadlineIsTheCallers) {
  UseAddresses(1);
  Generate();
  clock_.Advance(absl::Seconds(5));
  Answer(TimedOut());
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(ReasonOf(told_->status()), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
  EXPECT_THAT(Message(), HasSubstr("before your deadline (1 attempt; too little time"));
}

TEST_F(RetryingTokenApiTest, ATimeoutAtTheServersMaximumIsTheOperators) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), /*deadline_is_callers=*/false);
  api_->Generate({TokenGenerateRequest::Kind::kEmailHash, "HASH", ""}, *context_,
                 [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  clock_.Advance(absl::Seconds(5));
  Answer(TimedOut());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(RetryingTokenApiTest, ACallerThatCancelsDuringABackoffIsAnsweredAtOnce) {
  UseAddresses(1);
  Generate();
  Answer(Unavailable());
  ASSERT_THAT(timers_.waiting(), Eq(1U));
  const double available = budget_->available();
  context_->Cancel();
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  // The retry was not made, so it does not count, and its budget has it back.
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(0));
  EXPECT_THAT(budget_->available(), Eq(available + 1));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
  timers_.Advance(absl::Seconds(5));
  EXPECT_TRUE(operators_[0]->idle());
}

TEST_F(RetryingTokenApiTest, ACallerThatCancelsJustBeforeABackoffIsAnsweredAtOnce) {
  UseAddresses(1);
  Generate();
  const double available = budget_->available();
  on_random_ = [this] { context_->Cancel(); };
  Answer(Unavailable());
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(budget_->available(), Eq(available));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
}

TEST_F(RetryingTokenApiTest, ReleasesItsCallbackAfterTheAnswer) {
  UseAddresses(1);
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
  api_->Generate({}, *context_,
                 [held = std::move(held)](const absl::StatusOr<TokenGenerateReply>&) {});
  operators_[0]->AnswerGenerate(Unreachable());
  timers_.Advance(absl::Seconds(1));
  operators_[0]->AnswerGenerate(Suspended());
  EXPECT_TRUE(watched.expired());
}

TEST_F(RetryingTokenApiTest, AfterCancellationDuringAnAttemptThereIsNoOther) {
  UseAddresses(1);
  Generate();
  context_->Cancel();
  Answer(AttemptFailure{.kind = FailureKind::kCancelled, .message = "taken off the wire"});
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
}

TEST_F(RetryingTokenApiTest, NoAttemptIsMadeIfTooLittleTimeIsLeft) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::milliseconds(99), true);
  api_->Generate({}, *context_,
                 [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  EXPECT_THAT(*told_, HasReason(identity::v1::DEADLINE_TOO_SHORT));
  EXPECT_TRUE(operators_[0]->idle());
}

TEST_F(RetryingTokenApiTest, NoAttemptIsMadeForACancelledCall) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
  context_->Cancel();
  api_->Generate({}, *context_,
                 [this](absl::StatusOr<TokenGenerateReply> reply) { told_ = reply; });
  EXPECT_THAT(*told_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(operators_[0]->idle());
}

TEST_F(RetryingTokenApiTest, ASuspendedCallIsAnsweredAtOnceAndCounted) {
  UseAddresses(1);
  Generate();
  Answer(Suspended());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_CALLS_SUSPENDED));
  EXPECT_THAT(Message(), Eq("not sent"));
  EXPECT_THAT(RetryAfterOf(told_->status()), Optional(absl::Seconds(1)));
  EXPECT_THAT(metrics_.Total("operator_calls_suspended_total"), Eq(1));
}

TEST_F(RetryingTokenApiTest, ASuspendedRetryReturnsTheFailureBeforeIt) {
  UseAddresses(1);
  Generate();
  Answer(Unreachable());
  timers_.Advance(absl::Seconds(1));
  Answer(Suspended());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_UNREACHABLE));
  EXPECT_THAT(Message(), HasSubstr("1 attempt; most calls to the operator are suspended"));
  EXPECT_THAT(metrics_.Total("operator_calls_suspended_total"), Eq(0));
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(0));
  EXPECT_THAT(budget_->available(), Eq(RetryBudgetOptions().max_tokens));
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
