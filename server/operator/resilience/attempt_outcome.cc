#include "server/operator/resilience/attempt_outcome.h"

#include "server/operator/failure_kind.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// A failure that says nothing of the address, or that came with an answer.
AttemptOutcome JudgeOther(const absl::Status& status, bool waited_long, bool deadline_passed) {
  // A shared call is cancelled when the deadline of its last caller passes: a timeout in disguise.
  if (absl::IsCancelled(status)) {
    return waited_long && deadline_passed ? AttemptOutcome::kFailed : AttemptOutcome::kUndecided;
  }
  // It was not sent, as we could not make the request.
  return ReasonOf(status) == identity::v1::ERROR_REASON_UNSPECIFIED ? AttemptOutcome::kUndecided
                                                                    : AttemptOutcome::kAnswered;
}

}  // namespace

AttemptOutcome JudgeAttempt(const absl::Status& status, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            absl::Duration attempt_timeout) {
  if (status.ok()) return AttemptOutcome::kAnswered;
  const bool waited_long = absl::FromChrono(now - begun) >= attempt_timeout / 2;
  switch (FailureKindOf(status)) {
    case FailureKind::kTooManyRequests:
      return AttemptOutcome::kTooManyRequests;
    case FailureKind::kUnreachable:
    case FailureKind::kUnavailable:
    case FailureKind::kGateway:
    case FailureKind::kServerError:
    case FailureKind::kOtherServerError:
      return AttemptOutcome::kFailed;
    case FailureKind::kCertificate:
      return AttemptOutcome::kCertificateFault;
    case FailureKind::kTimeout:
      return waited_long ? AttemptOutcome::kFailed : AttemptOutcome::kUndecided;
    case FailureKind::kStampRefused:
      return AttemptOutcome::kAnswered;
    case FailureKind::kSuspended:
      return AttemptOutcome::kUndecided;
    case FailureKind::kOther:
      break;
  }
  return JudgeOther(status, waited_long, now >= context.deadline());
}

}  // namespace uid2
