// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_labels.h"

#include "server/operator/resilience/attempt_outcome.h"

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
  if (failure != nullptr) {
    const FailureKind kind = EffectiveKind(failure->kind, context, ended);
    if (kind == FailureKind::kNotSent) return CodeClass::kNotSent;
    if (kind == FailureKind::kCancelled) return CodeClass::kCancelled;
    if (kind == FailureKind::kTimeout) return CodeClass::kNone;
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
