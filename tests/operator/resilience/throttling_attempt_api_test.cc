// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/throttling_attempt_api.h"

#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/attempt_failure.h"
#include "server/status/reason.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::DoubleNear;
using ::testing::Eq;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::NotNull;
using ::testing::TestParamInfo;
using ::testing::ValuesIn;
using uid2::testing::FakeAttemptApi;
using uid2::testing::SimulatedClock;
using uid2::testing::TestCredentials;

constexpr absl::Duration kAttemptTimeout = absl::Milliseconds(1500);

AttemptFailure Failure(FailureKind kind) { return {.kind = kind, .message = "failed"}; }

AttemptFailure Unreachable() { return Failure(FailureKind::kUnreachable); }

class ThrottlingAttemptApiTest : public ::testing::Test {
 protected:
  ThrottlingAttemptApiTest() : context_(clock_.Steady() + std::chrono::seconds(4), true) {}

  void Generate() {
    api_.Send(generate_request_, credentials_, context_,
              [this](AttemptResult<TokenGenerateReply> result) { generated_ = result; });
  }

  void Refresh() {
    api_.Send(refresh_request_, credentials_, context_,
              [this](AttemptResult<TokenRefreshReply> result) { refreshed_ = result; });
  }

  // Sends `count` attempts that end with `failure`.
  void FailGenerates(int count, const AttemptFailure& failure) {
    random_fraction_ = 0.9;
    for (int i = 0; i < count; ++i) {
      Generate();
      next_->AnswerGenerate(failure);
    }
    random_fraction_ = 0;
  }

  void GiveUp(int count, absl::Duration silence);

  double RejectionProbability() { return throttle_.rejection_probability(clock_.Steady()); }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  const TokenGenerateRequest generate_request_ = {TokenGenerateRequest::Kind::kEmailHash, "HASH",
                                                  "CONSENT"};
  const TokenRefreshRequest refresh_request_ = {"RT", "KEY"};
  const OperatorCredentialsPtr credentials_ = TestCredentials();
  CallContext context_;
  Throttle throttle_{{}};
  Throttle refresh_throttle_{{}};
  ReplyTimes reply_times_{kAttemptTimeout};
  double random_fraction_ = 0;
  FakeAttemptApi* const next_ = new FakeAttemptApi();
  ThrottlingAttemptApi api_{
      absl::WrapUnique(next_), throttle_, refresh_throttle_, reply_times_, clock_, [this] {
        return random_fraction_;
      }};
  absl::optional<AttemptResult<TokenGenerateReply>> generated_;
  absl::optional<AttemptResult<TokenRefreshReply>> refreshed_;
};

TEST_F(ThrottlingAttemptApiTest, ForwardsAGenerateAndItsReply) {
  Generate();
  EXPECT_THAT(&next_->context(), Eq(&context_));
  EXPECT_THAT(next_->credentials(), Eq(credentials_));
  const TokenGenerateRequest request = next_->AnswerGenerate(
      TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_THAT(request.hash, Eq("HASH"));
  EXPECT_THAT(request.tcf_consent_string, Eq("CONSENT"));
  EXPECT_THAT(absl::get<TokenGenerateReply>(*generated_).outcome,
              Eq(TokenGenerateReply::Outcome::kOptedOut));
}

TEST_F(ThrottlingAttemptApiTest, ForwardsARefreshAndItsReply) {
  Refresh();
  EXPECT_THAT(&next_->context(), Eq(&context_));
  EXPECT_THAT(next_->credentials(), Eq(credentials_));
  const TokenRefreshRequest request = next_->AnswerRefresh(Unreachable());
  EXPECT_THAT(request.refresh_token, Eq("RT"));
  EXPECT_THAT(request.refresh_response_key, Eq("KEY"));
  EXPECT_THAT(FailureOf(*refreshed_)->kind, Eq(FailureKind::kUnreachable));
  EXPECT_THAT(FailureOf(*refreshed_)->message, Eq("failed"));
}

TEST_F(ThrottlingAttemptApiTest, WhileMostAttemptsFailARejectedAttemptFailsAtOnce) {
  FailGenerates(20, Unreachable());
  Generate();
  EXPECT_TRUE(next_->idle());
  const AttemptFailure* const failure = FailureOf(*generated_);
  ASSERT_THAT(failure, NotNull());
  EXPECT_THAT(failure->kind, Eq(FailureKind::kSuspended));
  EXPECT_THAT(failure->reason, Eq(identity::v1::OPERATOR_CALLS_SUSPENDED));
  EXPECT_THAT(failure->message, HasSubstr("the operator fails most calls"));
}

// Any visitor can cause refreshes, and an operator may answer those and fail everything else.
TEST_F(ThrottlingAttemptApiTest, EachEndpointIsThrottledByItself) {
  FailGenerates(20, Unreachable());
  for (int i = 0; i < 100; ++i) {
    Refresh();
    next_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kRefreshed, absl::nullopt});
  }
  EXPECT_THAT(RejectionProbability(), Eq(0.9));
  EXPECT_THAT(refresh_throttle_.rejection_probability(clock_.Steady()), Eq(0));
}

TEST_F(ThrottlingAttemptApiTest, ARefusedTokenSaysNothingAboutTheOperator) {
  random_fraction_ = 0.9;
  for (int i = 0; i < 25; ++i) {
    Refresh();
    next_->AnswerRefresh(Unreachable());
  }
  const double before = refresh_throttle_.rejection_probability(clock_.Steady());
  EXPECT_THAT(before, Gt(0.8));
  for (const TokenRefreshReply::Outcome outcome :
       {TokenRefreshReply::Outcome::kTokenRefused, TokenRefreshReply::Outcome::kReplyNotOpened}) {
    for (int i = 0; i < 50; ++i) {
      Refresh();
      next_->AnswerRefresh(TokenRefreshReply{outcome, absl::nullopt});
    }
  }
  EXPECT_THAT(refresh_throttle_.rejection_probability(clock_.Steady()), Eq(before));
}

TEST_F(ThrottlingAttemptApiTest, ASuspendedCallIsToldToWaitForAboutASecond) {
  FailGenerates(20, Unreachable());
  Generate();
  EXPECT_THAT(FailureOf(*generated_)->retry_after, Eq(absl::Milliseconds(500)));
  random_fraction_ = 0.5;
  Generate();
  EXPECT_THAT(FailureOf(*generated_)->retry_after, Eq(absl::Milliseconds(1000)));
}

TEST_F(ThrottlingAttemptApiTest, TheRandomFractionDecidesWhichCallsAreSent) {
  FailGenerates(20, Unreachable());
  random_fraction_ = 0.89;
  Generate();
  EXPECT_TRUE(next_->idle());
  random_fraction_ = 0.9;
  Generate();
  EXPECT_FALSE(next_->idle());
  next_->AnswerGenerate(Unreachable());
}

TEST_F(ThrottlingAttemptApiTest, ThrottlingEndsWhenTheOperatorAnswers) {
  FailGenerates(20, Unreachable());
  FailGenerates(20, Failure(FailureKind::kRejected));
  Generate();
  EXPECT_FALSE(next_->idle());
  next_->AnswerGenerate(Unreachable());
}

// One attempt after another, each given up after `silence`.
void ThrottlingAttemptApiTest::GiveUp(int count, absl::Duration silence) {
  for (int i = 0; i < count; ++i) {
    Generate();
    clock_.Advance(silence);
    next_->AnswerGenerate(Failure(FailureKind::kTimeout));
  }
}

TEST_F(ThrottlingAttemptApiTest, UntilTheFirstReplySilenceCountsInProportionToTheAttemptTimeout) {
  for (int i = 0; i < 200; ++i) Generate();
  clock_.Advance(kAttemptTimeout / 20);
  for (int i = 0; i < 199; ++i) next_->AnswerGenerate(Failure(FailureKind::kTimeout));
  EXPECT_THAT(RejectionProbability(), Eq(0));
  next_->AnswerGenerate(Failure(FailureKind::kTimeout));
  EXPECT_THAT(RejectionProbability(), Eq(0.9));
}

TEST_F(ThrottlingAttemptApiTest, AKnownOperatorsSilenceCountsHoweverShortTheDeadlines) {
  Generate();
  clock_.Advance(absl::Milliseconds(5));
  next_->AnswerGenerate(Failure(FailureKind::kRejected));
  GiveUp(20, absl::Milliseconds(100));
  EXPECT_THAT(RejectionProbability(), DoubleNear(0.86, 0.01));
}

TEST_F(ThrottlingAttemptApiTest, DeadlinesShorterThanASlowOperatorNeedsSuspendNothing) {
  Generate();
  clock_.Advance(absl::Milliseconds(400));
  next_->AnswerGenerate(Failure(FailureKind::kRejected));
  random_fraction_ = 0.9;
  GiveUp(25, absl::Milliseconds(390));
  EXPECT_THAT(RejectionProbability(), Eq(0));
}

struct ReportCase {
  std::string name;
  FailureKind kind;
  // After a hundred attempts that end with `kind`, and a hundred failures.
  double rejection_probability;
};

class ThrottlingAttemptApiReportTest : public ThrottlingAttemptApiTest,
                                       public ::testing::WithParamInterface<ReportCase> {};

TEST_P(ThrottlingAttemptApiReportTest, ReportsTheOutcomeOfAnAttemptToTheThrottle) {
  FailGenerates(100, Failure(GetParam().kind));
  FailGenerates(100, Unreachable());
  EXPECT_THAT(RejectionProbability(), Eq(GetParam().rejection_probability));
}

const ReportCase kReportCases[] = {
    {"AnyAnswerIsASuccess", FailureKind::kRejected, 0},
    {"TooManyRequestsIsAFailure", FailureKind::kTooManyRequests, 0.9},
    {"ACertificateFaultIsAFailure", FailureKind::kCertificate, 0.9},
    {"ACallerThatHasGoneIsNeither", FailureKind::kCancelled, 0.9},
    {"AnErrorThatACallerProvokedIsNeither", FailureKind::kProvokedError, 0.9},
    {"AnErrorThatACallerMayHaveProvokedIsNeither", FailureKind::kPossiblyProvokedError, 0.9},
};

INSTANTIATE_TEST_SUITE_P(All, ThrottlingAttemptApiReportTest, ValuesIn(kReportCases),
                         [](const TestParamInfo<ReportCase>& tested) { return tested.param.name; });

}  // namespace
}  // namespace uid2
