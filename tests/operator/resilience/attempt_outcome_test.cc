// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_outcome.h"

#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/attempt_failure.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

constexpr absl::Duration kMs = absl::Milliseconds(1);
constexpr CallContext::TimePoint kBegun{std::chrono::hours(1)};

// Of an operator that has needed 40 ms: silence counts from there, and in full from 120 ms.
const ReplyTimes& KnownReplyTimes() {
  static ReplyTimes& times = *[] {
    auto* const known = new ReplyTimes(1500 * kMs);
    known->Add(40 * kMs, kBegun);
    return known;
  }();
  return times;
}

struct OutcomeCase {
  std::string name;
  // Absent if the attempt succeeded.
  absl::optional<FailureKind> failure;
  // How long the attempt took, and its deadline from its beginning.
  absl::Duration took;
  absl::Duration deadline;
  AttemptOutcome outcome;
  int weight = kFullWeight;
};

class AttemptOutcomeCaseTest : public TestWithParam<OutcomeCase> {};

TEST_P(AttemptOutcomeCaseTest, FollowsFromFailureDurationAndDeadline) {
  const CallContext context(kBegun + absl::ToChronoNanoseconds(GetParam().deadline), true);
  const AttemptFailure failure = {.kind = GetParam().failure.value_or(FailureKind::kRejected)};
  const AttemptVerdict verdict =
      JudgeAttempt(GetParam().failure.has_value() ? &failure : nullptr, context, kBegun,
                   kBegun + absl::ToChronoNanoseconds(GetParam().took), KnownReplyTimes());
  EXPECT_THAT(verdict.outcome, Eq(GetParam().outcome));
  EXPECT_THAT(verdict.weight, Eq(GetParam().weight));
}

TEST(AttemptOutcomeTest, ACancellationAtTheDeadlineCountsAsATimeout) {
  const CallContext::TimePoint deadline = kBegun + std::chrono::seconds(4);
  const CallContext::TimePoint before = deadline - std::chrono::nanoseconds(1);
  const CallContext context(deadline, true);
  EXPECT_THAT(EffectiveKind(FailureKind::kCancelled, context, before), Eq(FailureKind::kCancelled));
  EXPECT_THAT(EffectiveKind(FailureKind::kCancelled, context, deadline), Eq(FailureKind::kTimeout));
  EXPECT_THAT(EffectiveKind(FailureKind::kUnavailable, context, deadline),
              Eq(FailureKind::kUnavailable));
}

TEST(AttemptOutcomeTest, ARefreshReplyThatACallerCanProvokeSaysNothing) {
  const CallContext context(kBegun + std::chrono::seconds(4), true);
  using Outcome = TokenRefreshReply::Outcome;
  const std::pair<Outcome, AttemptOutcome> cases[] = {
      {Outcome::kRefreshed, AttemptOutcome::kAnswered},
      {Outcome::kOptedOut, AttemptOutcome::kAnswered},
      {Outcome::kTokenRefused, AttemptOutcome::kUndecided},
      {Outcome::kReplyNotOpened, AttemptOutcome::kUndecided},
  };
  for (const auto& [outcome, expected] : cases) {
    const AttemptResult<TokenRefreshReply> result = TokenRefreshReply{outcome, absl::nullopt};
    EXPECT_THAT(JudgeAttempt(result, context, kBegun, kBegun, KnownReplyTimes()).outcome,
                Eq(expected));
  }
}

const OutcomeCase kOutcomeCases[] = {
    {"Success", absl::nullopt, 10 * kMs, 4000 * kMs, AttemptOutcome::kAnswered},
    {"RejectedCredentials", FailureKind::kCredentialsRejected, 10 * kMs, 4000 * kMs,
     AttemptOutcome::kAnswered},
    {"ARejectedRequest", FailureKind::kRejected, 10 * kMs, 4000 * kMs, AttemptOutcome::kAnswered},
    {"ARejectedTimestamp", FailureKind::kTimestampRejected, 10 * kMs, 4000 * kMs,
     AttemptOutcome::kAnswered},
    {"TooManyRequests", FailureKind::kTooManyRequests, 10 * kMs, 4000 * kMs,
     AttemptOutcome::kTooManyRequests},
    {"Unreachable", FailureKind::kUnreachable, 0 * kMs, 4000 * kMs, AttemptOutcome::kFailed},
    {"Unavailable", FailureKind::kUnavailable, 10 * kMs, 4000 * kMs, AttemptOutcome::kFailed},
    {"Gateway", FailureKind::kGateway, 10 * kMs, 4000 * kMs, AttemptOutcome::kFailed},
    {"ServerError", FailureKind::kServerError, 10 * kMs, 4000 * kMs, AttemptOutcome::kFailed},
    {"AnotherServerError", FailureKind::kOtherServerError, 10 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"Certificate", FailureKind::kCertificate, 10 * kMs, 4000 * kMs,
     AttemptOutcome::kCertificateFault},
    {"NoAnswerWithinTheAttemptTimeout", FailureKind::kTimeout, 1500 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"NoAnswerByADeadlineThatWasLongEnough", FailureKind::kTimeout, 120 * kMs, 120 * kMs,
     AttemptOutcome::kFailed},
    {"NoAnswerByADeadlineThatWasAlmostLongEnough", FailureKind::kTimeout, 80 * kMs, 80 * kMs,
     AttemptOutcome::kFailed, 500},
    {"NoAnswerWithinTheTimeThatTheOperatorNeeds", FailureKind::kTimeout, 40 * kMs, 40 * kMs,
     AttemptOutcome::kUndecided, 0},
    {"TheCallerHasGone", FailureKind::kCancelled, 10 * kMs, 4000 * kMs, AttemptOutcome::kUndecided},
    {"ThePatientCallerHasGone", FailureKind::kCancelled, 1400 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"TheLastOfManyCallersHasGoneAtItsDeadline", FailureKind::kCancelled, 120 * kMs, 120 * kMs,
     AttemptOutcome::kFailed},
    {"TheLastOfManyCallersHasGoneAtADeadlineThatWasAlmostLongEnough", FailureKind::kCancelled,
     80 * kMs, 80 * kMs, AttemptOutcome::kFailed, 500},
    {"AnErrorThatTheCallerProvoked", FailureKind::kProvokedError, 10 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"AnErrorThatTheCallerMayHaveProvoked", FailureKind::kPossiblyProvokedError, 10 * kMs,
     4000 * kMs, AttemptOutcome::kUndecided},
    {"NotSentBecauseItCouldNotBeSealed", FailureKind::kNotSent, 0 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"NotSentBecauseCallsAreSuspended", FailureKind::kSuspended, 0 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
};

INSTANTIATE_TEST_SUITE_P(All, AttemptOutcomeCaseTest, ValuesIn(kOutcomeCases),
                         [](const TestParamInfo<OutcomeCase>& tested) {
                           return tested.param.name;
                         });

}  // namespace
}  // namespace uid2
