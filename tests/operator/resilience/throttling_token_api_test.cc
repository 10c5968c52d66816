#include "server/operator/resilience/throttling_token_api.h"

#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/failure_kind.h"
#include "server/status/reason.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::TestParamInfo;
using ::testing::ValuesIn;
using uid2::testing::FakeTokenApi;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::SimulatedClock;

constexpr absl::Duration kAttemptTimeout = absl::Milliseconds(1500);

absl::Status Unreachable() {
  return WithFailureKind(MakeError(identity::v1::OPERATOR_UNREACHABLE, "down"),
                         FailureKind::kUnreachable);
}

class ThrottlingTokenApiTest : public ::testing::Test {
 protected:
  ThrottlingTokenApiTest() : context_(clock_.Steady() + std::chrono::seconds(4), true) {}

  void Generate() {
    api_.Generate({TokenGenerateRequest::Kind::kEmailHash, "HASH", "CONSENT"}, context_,
                  [this](absl::StatusOr<TokenGenerateReply> reply) { generated_ = reply; });
  }

  void Refresh() {
    api_.Refresh({"RT", "KEY"}, context_,
                 [this](absl::StatusOr<TokenRefreshReply> reply) { refreshed_ = reply; });
  }

  // Calls that are sent and end with `status`.
  void FailGenerates(int count, const absl::Status& status) {
    draw_ = 0.9;
    for (int i = 0; i < count; ++i) {
      Generate();
      next_->AnswerGenerate(status);
    }
    draw_ = 0;
  }

  double HeldBackShare() { return throttle_.held_back_share(clock_.Steady()); }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  CallContext context_;
  Throttle throttle_{{}};
  double draw_ = 0;
  FakeTokenApi* const next_ = new FakeTokenApi();
  ThrottlingTokenApi api_{absl::WrapUnique(next_), throttle_, clock_, kAttemptTimeout,
                          [this] { return draw_; }};
  absl::optional<absl::StatusOr<TokenGenerateReply>> generated_;
  absl::optional<absl::StatusOr<TokenRefreshReply>> refreshed_;
};

TEST_F(ThrottlingTokenApiTest, PassesAGenerateOnAndItsReplyBack) {
  Generate();
  EXPECT_THAT(&next_->context(), Eq(&context_));
  const TokenGenerateRequest request = next_->AnswerGenerate(
      TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_THAT(request.hash, Eq("HASH"));
  EXPECT_THAT(request.tcf_consent_string, Eq("CONSENT"));
  ASSERT_THAT(*generated_, IsOk());
  EXPECT_THAT((*generated_)->outcome, Eq(TokenGenerateReply::Outcome::kOptedOut));
}

TEST_F(ThrottlingTokenApiTest, PassesARefreshOnAndItsReplyBack) {
  Refresh();
  EXPECT_THAT(&next_->context(), Eq(&context_));
  const TokenRefreshRequest request = next_->AnswerRefresh(Unreachable());
  EXPECT_THAT(request.refresh_token, Eq("RT"));
  EXPECT_THAT(request.refresh_response_key, Eq("KEY"));
  EXPECT_THAT(refreshed_->status(), Eq(Unreachable()));
}

TEST_F(ThrottlingTokenApiTest, WhileMostFailACallThatIsHeldBackIsAnsweredAtOnce) {
  FailGenerates(20, Unreachable());
  Generate();
  Refresh();
  EXPECT_TRUE(next_->idle());
  for (const absl::Status& status : {generated_->status(), refreshed_->status()}) {
    EXPECT_THAT(status, HasReason(identity::v1::OPERATOR_CALLS_SUSPENDED));
    EXPECT_THAT(FailureKindOf(status), Eq(FailureKind::kSuspended));
    EXPECT_THAT(std::string(status.message()), HasSubstr("the operator fails most calls"));
  }
}

TEST_F(ThrottlingTokenApiTest, WhatIsHeldBackIsToldToWaitForAboutASecond) {
  FailGenerates(20, Unreachable());
  Generate();
  EXPECT_THAT(RetryAfterOf(generated_->status()), Eq(absl::Milliseconds(500)));
  draw_ = 0.5;
  Generate();
  EXPECT_THAT(RetryAfterOf(generated_->status()), Eq(absl::Milliseconds(1000)));
}

TEST_F(ThrottlingTokenApiTest, TheDrawDecidesWhichCallsAreSent) {
  FailGenerates(20, Unreachable());
  draw_ = 0.89;
  Generate();
  EXPECT_TRUE(next_->idle());
  draw_ = 0.9;
  Refresh();
  EXPECT_FALSE(next_->idle());
  next_->AnswerRefresh(Unreachable());
}

TEST_F(ThrottlingTokenApiTest, ItEndsWhenTheOperatorAnswers) {
  FailGenerates(20, Unreachable());
  FailGenerates(20, MakeError(identity::v1::OPERATOR_REJECTED_API_KEY, "refused"));
  Generate();
  EXPECT_FALSE(next_->idle());
  next_->AnswerGenerate(Unreachable());
}

TEST_F(ThrottlingTokenApiTest, CallersInAHurrySuspendNothing) {
  const absl::Status timeout =
      WithFailureKind(absl::DeadlineExceededError("late"), FailureKind::kTimeout);
  for (int i = 0; i < 200; ++i) {
    Generate();
    clock_.Advance(absl::Milliseconds(20));
    next_->AnswerGenerate(timeout);
  }
  EXPECT_THAT(HeldBackShare(), Eq(0));
  // Half of the attempt timeout without a word is a failure.
  for (int i = 0; i < 20; ++i) Generate();
  clock_.Advance(kAttemptTimeout / 2);
  for (int i = 0; i < 20; ++i) next_->AnswerGenerate(timeout);
  EXPECT_THAT(HeldBackShare(), Eq(0.9));
}

struct ReportCase {
  std::string name;
  absl::Status status;
  // Of a hundred, with a hundred failures beside them.
  double share;
};

class ThrottlingTokenApiReportTest : public ThrottlingTokenApiTest,
                                     public ::testing::WithParamInterface<ReportCase> {};

TEST_P(ThrottlingTokenApiReportTest, SaysWhatAnAttemptMeansForTheThrottle) {
  FailGenerates(100, GetParam().status);
  FailGenerates(100, Unreachable());
  EXPECT_THAT(HeldBackShare(), Eq(GetParam().share));
}

const ReportCase kReportCases[] = {
    {"AnyAnswerIsASuccess", MakeError(identity::v1::OPERATOR_PROTOCOL, ""), 0},
    {"TooManyRequestsIsAFailure",
     WithFailureKind(MakeError(identity::v1::OPERATOR_THROTTLED, ""),
                     FailureKind::kTooManyRequests),
     0.9},
    {"ACertificateFaultIsAFailure",
     WithFailureKind(MakeError(identity::v1::OPERATOR_UNREACHABLE, ""), FailureKind::kCertificate),
     0.9},
    {"ACallerThatHasGoneIsNeither", absl::CancelledError(""), 0.9},
};

INSTANTIATE_TEST_SUITE_P(All, ThrottlingTokenApiReportTest, ValuesIn(kReportCases),
                         [](const TestParamInfo<ReportCase>& tested) { return tested.param.name; });

}  // namespace
}  // namespace uid2
