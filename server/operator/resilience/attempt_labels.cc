// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_labels.h"

namespace uid2 {
namespace {

CodeClass CodeClassOfStatus(int status) {
  if (status < 200) return CodeClass::kNone;
  if (status < 300) return CodeClass::k2xx;
  if (status < 400) return CodeClass::k3xx;
  if (status == 429) return CodeClass::k429;
  return status < 500 ? CodeClass::k4xx : CodeClass::k5xx;
}

}  // namespace

CodeClass CodeClassOf(const AttemptFailure* failure, const CallContext& context,
                      CallContext::TimePoint ended) {
  if (failure != nullptr && failure->kind == FailureKind::kNotSent) return CodeClass::kNotSent;
  if (failure != nullptr && failure->kind == FailureKind::kCancelled) {
    // A shared call is cancelled when the deadline of its last caller passes, which is a timeout.
    return ended >= context.deadline() ? CodeClass::kNone : CodeClass::kCancelled;
  }
  return CodeClassOfStatus(context.trace().http_status);
}

RetryReason RetryReasonOf(FailureKind kind) {
  switch (kind) {
    case FailureKind::kCertificate:
      return RetryReason::kCertificate;
    case FailureKind::kTimeout:
      return RetryReason::kTimeout;
    case FailureKind::kTooManyRequests:
      return RetryReason::kTooManyRequests;
    case FailureKind::kUnavailable:
      return RetryReason::kUnavailable;
    case FailureKind::kGateway:
      return RetryReason::kGateway;
    case FailureKind::kServerError:
    case FailureKind::kPossiblyProvokedError:
      return RetryReason::kServerError;
    case FailureKind::kTimestampRejected:
      return RetryReason::kTimestamp;
    case FailureKind::kCredentialsRejected:
      return RetryReason::kCredentials;
    case FailureKind::kUnreachable:
    // The rest is never retried.
    case FailureKind::kRejected:
    case FailureKind::kProvokedError:
    case FailureKind::kOtherServerError:
    case FailureKind::kSuspended:
    case FailureKind::kNotSent:
    case FailureKind::kCancelled:
      break;
  }
  return RetryReason::kUnreachable;
}

}  // namespace uid2
