// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {

AttemptOutcome JudgeAttempt(const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            absl::Duration attempt_timeout) {
  if (failure == nullptr) return AttemptOutcome::kAnswered;
  const bool waited_long = absl::FromChrono(now - begun) >= attempt_timeout / 2;
  switch (failure->kind) {
    case FailureKind::kRejected:
    case FailureKind::kTimestampRejected:
      return AttemptOutcome::kAnswered;
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
    case FailureKind::kCancelled:
      // A shared call is cancelled when the deadline of its last caller passes, which is a timeout.
      return waited_long && now >= context.deadline() ? AttemptOutcome::kFailed
                                                      : AttemptOutcome::kUndecided;
    case FailureKind::kSuspended:
    case FailureKind::kNotSent:
      return AttemptOutcome::kUndecided;
  }
  return AttemptOutcome::kUndecided;
}

}  // namespace uid2
