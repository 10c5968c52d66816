// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"

namespace uid2 {

// What one attempt says about the health of the address that it went to. Coarser than
// FailureKind, and about the address alone: a healthy operator may reject an API key.
enum class AttemptOutcome {
  // The operator answered, whatever the answer was.
  kAnswered,
  // It answered that we send too many requests.
  kTooManyRequests,
  // No answer, or one that says that the address is unhealthy.
  kFailed,
  // No connection because a certificate was not accepted, which waiting does not fix.
  kCertificateFault,
  // Nothing: the attempt was not sent, or its caller did not wait long enough.
  kUndecided,
};

// `failure` is null after a success. `begun` and `now` are when the attempt began and ended.
// `attempt_timeout` is how long an attempt may take unless the caller's deadline ends it earlier.
// No answer within half of that is a failure. A shorter wait says nothing: otherwise callers with
// tight deadlines would make a slow operator look dead to everyone else.
AttemptOutcome JudgeAttempt(const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            absl::Duration attempt_timeout);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
