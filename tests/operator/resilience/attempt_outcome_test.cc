// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_outcome.h"

#include <string>

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

constexpr absl::Duration kAttemptTimeout = absl::Milliseconds(1500);
constexpr absl::Duration kMs = absl::Milliseconds(1);

struct OutcomeCase {
  std::string name;
  // Absent if the attempt succeeded.
  absl::optional<FailureKind> failure;
  // How long the attempt took, and its deadline from its beginning.
  absl::Duration took;
  absl::Duration deadline;
  AttemptOutcome outcome;
};

class AttemptOutcomeTest : public TestWithParam<OutcomeCase> {};

TEST_P(AttemptOutcomeTest, FollowsFromFailureDurationAndDeadline) {
  const CallContext::TimePoint begun = CallContext::TimePoint() + std::chrono::hours(1);
  const CallContext context(begun + absl::ToChronoNanoseconds(GetParam().deadline), true);
  const AttemptFailure failure = {.kind = GetParam().failure.value_or(FailureKind::kRejected)};
  EXPECT_THAT(JudgeAttempt(GetParam().failure.has_value() ? &failure : nullptr, context, begun,
                           begun + absl::ToChronoNanoseconds(GetParam().took), kAttemptTimeout),
              Eq(GetParam().outcome));
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
    {"NoAnswerByADeadlineThatWasLongEnough", FailureKind::kTimeout, 750 * kMs, 750 * kMs,
     AttemptOutcome::kFailed},
    {"NoAnswerByADeadlineThatWasTooShort", FailureKind::kTimeout, 749 * kMs, 749 * kMs,
     AttemptOutcome::kUndecided},
    {"TheCallerHasGone", FailureKind::kCancelled, 10 * kMs, 4000 * kMs, AttemptOutcome::kUndecided},
    {"ThePatientCallerHasGone", FailureKind::kCancelled, 1400 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"TheLastOfManyCallersHasGoneAtItsDeadline", FailureKind::kCancelled, 750 * kMs, 750 * kMs,
     AttemptOutcome::kFailed},
    {"TheLastOfManyCallersHasGoneAtADeadlineThatWasTooShort", FailureKind::kCancelled, 749 * kMs,
     749 * kMs, AttemptOutcome::kUndecided},
    {"NotSentBecauseItCouldNotBeSealed", FailureKind::kNotSent, 0 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"NotSentBecauseCallsAreSuspended", FailureKind::kSuspended, 0 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
};

INSTANTIATE_TEST_SUITE_P(All, AttemptOutcomeTest, ValuesIn(kOutcomeCases),
                         [](const TestParamInfo<OutcomeCase>& tested) {
                           return tested.param.name;
                         });

}  // namespace
}  // namespace uid2
