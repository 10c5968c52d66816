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
using uid2::testing::RetryingTokenApiTest;
using uid2::testing::StatusIs;
using uid2::testing::Suspended;
using uid2::testing::Throttled;
using uid2::testing::Unavailable;
using uid2::testing::Unreachable;

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

TEST_F(RetryingTokenApiTest, LetsGoOfItsCallbackThoughTheHookOfAWaitStays) {
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
