// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_

#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/failure_kind.h"
#include "server/operator/provocation.h"
#include "server/operator/resilience/attempt_weight.h"
#include "server/operator/resilience/reply_times.h"

namespace uid2 {

// What one attempt says about the health of its address. This is coarser than FailureKind, and only
// about the address: a healthy operator may reject an API key.
enum class AttemptOutcome {
  // The operator answered, whatever the answer.
  kAnswered,
  // The operator answered that we send too many requests.
  kTooManyRequests,
  // There was no answer, or the answer shows that the address is unhealthy.
  kFailed,
  // There was no connection because a certificate was not accepted, which waiting does not fix.
  kCertificateFault,
  // The attempt says nothing: it was not sent, its caller has gone, or the caller's own data may
  // have caused the result.
  kUndecided,
};

struct AttemptVerdict {
  AttemptOutcome outcome = AttemptOutcome::kUndecided;
  // How much the attempt counts as evidence: at most kFullWeight, and less than that only
  // for an attempt that ended before the operator had as much time as it may need.
  int weight = kFullWeight;
};

// What an attempt counts as that ended at `ended` with a failure of `kind`: as that, except that a
// cancellation at the deadline is a timeout. A shared call does not end at its deadline, but is
// cancelled when that of its last caller has passed.
FailureKind EffectiveKind(FailureKind kind, const CallContext& context,
                          CallContext::TimePoint ended);

// `failure` is null after a success. `begun` and `now` are the times at which the attempt began and
// ended. `reply_times` says how long the operator may be silent before that counts, so that callers
// with short deadlines can neither hide a silent operator nor make a slow one look dead.
AttemptVerdict JudgeAttempt(const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            const ReplyTimes& reply_times);

template <typename Reply>
AttemptVerdict JudgeAttempt(const AttemptResult<Reply>& result, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            const ReplyTimes& reply_times) {
  const auto* const reply = absl::get_if<Reply>(&result);
  if (reply != nullptr && MayBeProvoked(*reply)) return {AttemptOutcome::kUndecided};
  return JudgeAttempt(FailureOf(result), context, begun, now, reply_times);
}

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
