#include "server/operator/resilience/attempt_outcome.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/failure_kind.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

constexpr absl::Duration kAttemptTimeout = absl::Milliseconds(1500);
constexpr absl::Duration kMs = absl::Milliseconds(1);

absl::Status Failed(FailureKind kind) {
  return WithFailureKind(absl::UnavailableError("failed"), kind);
}

struct OutcomeCase {
  std::string name;
  absl::Status status;
  // How long the attempt took, and when its deadline was, from its beginning.
  absl::Duration took;
  absl::Duration deadline;
  AttemptOutcome outcome;
};

class AttemptOutcomeTest : public TestWithParam<OutcomeCase> {};

TEST_P(AttemptOutcomeTest, IsJudged) {
  const CallContext::TimePoint begun = CallContext::TimePoint() + std::chrono::hours(1);
  const CallContext context(begun + absl::ToChronoNanoseconds(GetParam().deadline), true);
  EXPECT_THAT(JudgeAttempt(GetParam().status, context, begun,
                           begun + absl::ToChronoNanoseconds(GetParam().took), kAttemptTimeout),
              Eq(GetParam().outcome));
}

const OutcomeCase kOutcomeCases[] = {
    {"Success", absl::OkStatus(), 10 * kMs, 4000 * kMs, AttemptOutcome::kAnswered},
    {"ARefusedApiKey", MakeError(identity::v1::OPERATOR_REJECTED_API_KEY, ""), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kAnswered},
    {"AReplyThatIsNotUnderstood", MakeError(identity::v1::OPERATOR_REPLY_INVALID, ""), 10 * kMs,
     4000 * kMs, AttemptOutcome::kAnswered},
    {"AConsentStringThatTheOperatorRefuses", MakeError(identity::v1::CONSENT_STRING_INVALID, ""),
     10 * kMs, 4000 * kMs, AttemptOutcome::kAnswered},
    {"ARefusedStamp",
     WithFailureKind(MakeError(identity::v1::CLOCK_SKEW, ""), FailureKind::kStampRefused), 10 * kMs,
     4000 * kMs, AttemptOutcome::kAnswered},
    {"TooManyRequests", Failed(FailureKind::kTooManyRequests), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kTooManyRequests},
    {"Unreachable", Failed(FailureKind::kUnreachable), 0 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"Unavailable", Failed(FailureKind::kUnavailable), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"Gateway", Failed(FailureKind::kGateway), 10 * kMs, 4000 * kMs, AttemptOutcome::kFailed},
    {"ServerError", Failed(FailureKind::kServerError), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"AnotherServerError", Failed(FailureKind::kOtherServerError), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"Certificate", Failed(FailureKind::kCertificate), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kCertificateFault},
    {"NoAnswerWithinTheAttemptTimeout", Failed(FailureKind::kTimeout), 1500 * kMs, 4000 * kMs,
     AttemptOutcome::kFailed},
    {"NoAnswerByADeadlineThatWasLongEnough", Failed(FailureKind::kTimeout), 750 * kMs, 750 * kMs,
     AttemptOutcome::kFailed},
    {"NoAnswerByADeadlineThatWasTooShort", Failed(FailureKind::kTimeout), 749 * kMs, 749 * kMs,
     AttemptOutcome::kUndecided},
    {"TheCallerHasGone", absl::CancelledError(""), 10 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"ThePatientCallerHasGone", absl::CancelledError(""), 1400 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"TheLastOfManyCallersHasGoneAtItsDeadline", absl::CancelledError(""), 750 * kMs, 750 * kMs,
     AttemptOutcome::kFailed},
    {"TheLastOfManyCallersHasGoneAtADeadlineThatWasTooShort", absl::CancelledError(""), 749 * kMs,
     749 * kMs, AttemptOutcome::kUndecided},
    {"NotSentAsItCouldNotBeSealed", absl::InternalError(""), 0 * kMs, 4000 * kMs,
     AttemptOutcome::kUndecided},
    {"NotSentAsCallsAreSuspended",
     WithFailureKind(MakeError(identity::v1::OPERATOR_CALLS_SUSPENDED, ""),
                     FailureKind::kSuspended),
     0 * kMs, 4000 * kMs, AttemptOutcome::kUndecided},
};

INSTANTIATE_TEST_SUITE_P(All, AttemptOutcomeTest, ValuesIn(kOutcomeCases),
                         [](const TestParamInfo<OutcomeCase>& tested) {
                           return tested.param.name;
                         });

}  // namespace
}  // namespace uid2
