// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"

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
  // The attempt says nothing: it was not sent, or its caller did not wait long enough.
  kUndecided,
};

// `failure` is null after a success. `begun` and `now` are the times at which the attempt began and
// ended. `attempt_timeout` is the time that an attempt may take unless the caller's deadline ends
// it earlier. An attempt that times out counts as a failure only if it lasted for at least half of
// that time; otherwise callers with tight deadlines would make a slow operator look dead to
// everyone else.
AttemptOutcome JudgeAttempt(const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            absl::Duration attempt_timeout);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
