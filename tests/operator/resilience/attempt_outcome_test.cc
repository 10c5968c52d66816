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

// As if the operator had needed 20 ms.
constexpr Patience kPatience = {absl::Milliseconds(20), absl::Milliseconds(120)};
constexpr absl::Duration kMs = absl::Milliseconds(1);

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
  const CallContext::TimePoint begun = CallContext::TimePoint() + std::chrono::hours(1);
  const CallContext context(begun + absl::ToChronoNanoseconds(GetParam().deadline), true);
  const AttemptFailure failure = {.kind = GetParam().failure.value_or(FailureKind::kRejected)};
  const AttemptVerdict verdict =
      JudgeAttempt(GetParam().failure.has_value() ? &failure : nullptr, context, begun,
                   begun + absl::ToChronoNanoseconds(GetParam().took), kPatience);
  EXPECT_THAT(verdict.outcome, Eq(GetParam().outcome));
  EXPECT_THAT(verdict.weight, Eq(GetParam().weight));
}

TEST(AttemptOutcomeTest, ARefreshReplyThatACallerCanProvokeSaysNothing) {
  const CallContext::TimePoint begun = CallContext::TimePoint() + std::chrono::hours(1);
  const CallContext context(begun + std::chrono::seconds(4), true);
  using Outcome = TokenRefreshReply::Outcome;
  const std::pair<Outcome, AttemptOutcome> cases[] = {
      {Outcome::kRefreshed, AttemptOutcome::kAnswered},
      {Outcome::kOptedOut, AttemptOutcome::kAnswered},
      {Outcome::kTokenRefused, AttemptOutcome::kUndecided},
      {Outcome::kReplyNotOpened, AttemptOutcome::kUndecided},
  };
  for (const auto& [outcome, expected] : cases) {
    const AttemptResult<TokenRefreshReply> result = TokenRefreshReply{outcome, absl::nullopt};
    EXPECT_THAT(JudgeAttempt(result, context, begun, begun, kPatience).outcome, Eq(expected));
  }
}

const OutcomeCase kOutcomeCases[] = {
    {"Success", absl::nullopt, 10 * kMs, 4000 * kMs, AttemptOutcome::kAnswered},
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
    {"NoAnswerByADeadlineThatWasAlmostLongEnough", FailureKind::kTimeout, 70 * kMs, 70 * kMs,
     AttemptOutcome::kFailed, 500},
    {"NoAnswerWithinTheTimeThatTheOperatorNeeds", FailureKind::kTimeout, 20 * kMs, 20 * kMs,
     AttemptOutcome::kUndecided, 0},
    {"TheCallerHasGone", FailureKind::kCancelled, 10 * kMs, 4000 * kMs, AttemptOutcome::kUndecided},
    {"ThePatientCallerHasGone", FailureKind::kCancelled, 1400 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"TheLastOfManyCallersHasGoneAtItsDeadline", FailureKind::kCancelled, 120 * kMs, 120 * kMs,
     AttemptOutcome::kFailed},
    {"TheLastOfManyCallersHasGoneAtADeadlineThatWasAlmostLongEnough", FailureKind::kCancelled,
     70 * kMs, 70 * kMs, AttemptOutcome::kFailed, 500},
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
