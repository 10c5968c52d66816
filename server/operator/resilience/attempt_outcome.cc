// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {
namespace {

AttemptVerdict Silence(absl::Duration waited, const ReplyTimes& reply_times) {
  const int weight = reply_times.patience().WeightOf(waited);
  return {weight > 0 ? AttemptOutcome::kFailed : AttemptOutcome::kUndecided, weight};
}

}  // namespace

FailureKind EffectiveKind(FailureKind kind, const CallContext& context,
                          CallContext::TimePoint ended) {
  const bool at_deadline = kind == FailureKind::kCancelled && ended >= context.deadline();
  return at_deadline ? FailureKind::kTimeout : kind;
}

AttemptVerdict JudgeAttempt(const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            const ReplyTimes& reply_times) {
  if (failure == nullptr) return {AttemptOutcome::kAnswered};
  switch (EffectiveKind(failure->kind, context, now)) {
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
    case FailureKind::kProvokedError:
    case FailureKind::kPossiblyProvokedError:
    case FailureKind::kSuspended:
    case FailureKind::kNotSent:
    case FailureKind::kCancelled:
      return {AttemptOutcome::kUndecided};
  }
  return {AttemptOutcome::kUndecided};
}

}  // namespace uid2
