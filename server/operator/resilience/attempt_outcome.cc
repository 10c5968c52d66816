// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {
namespace {

AttemptVerdict Silence(absl::Duration waited, const ReplyTimes& reply_times) {
  const int weight = reply_times.patience().WeightOf(waited);
  return {weight > 0 ? AttemptOutcome::kFailed : AttemptOutcome::kUndecided, weight};
}

}  // namespace

AttemptVerdict JudgeAttempt(const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            const ReplyTimes& reply_times) {
  if (failure == nullptr) return {AttemptOutcome::kAnswered};
  switch (failure->kind) {
    case FailureKind::kRejected:
    case FailureKind::kCredentialsRejected:
    case FailureKind::kTimestampRejected:
      return {AttemptOutcome::kAnswered};
    case FailureKind::kTooManyRequests:
      return {AttemptOutcome::kTooManyRequests};
    case FailureKind::kUnreachable:
    case FailureKind::kUnavailable:
    case FailureKind::kGateway:
    case FailureKind::kServerError:
    case FailureKind::kOtherServerError:
      return {AttemptOutcome::kFailed};
    case FailureKind::kCertificate:
      return {AttemptOutcome::kCertificateFault};
    case FailureKind::kTimeout:
      return Silence(absl::FromChrono(now - begun), reply_times);
    case FailureKind::kCancelled:
      // A shared call is cancelled when the deadline of its last caller passes, which is a timeout.
      if (now >= context.deadline()) return Silence(absl::FromChrono(now - begun), reply_times);
      return {AttemptOutcome::kUndecided};
    case FailureKind::kProvokedError:
    case FailureKind::kPossiblyProvokedError:
    case FailureKind::kSuspended:
    case FailureKind::kNotSent:
      return {AttemptOutcome::kUndecided};
  }
  return {AttemptOutcome::kUndecided};
}

}  // namespace uid2
