#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// What one attempt says about the health of the address that it went to. Coarser than
// FailureKind, and about the address alone: a refused API key comes from an operator that is well.
enum class AttemptOutcome {
  // The operator has answered, whatever it was.
  kAnswered,
  // It has answered that it has too much to do for us.
  kTooManyRequests,
  // No answer, or one that says that the address is not well.
  kFailed,
  // No connection for the certificates, which time does not mend.
  kCertificateFault,
  // Nothing: the attempt was not sent, or its caller did not wait for long enough.
  kUndecided,
};

// `status` is the attempt's, OK or not, `begun` and `now` are when it began and ended.
// `attempt_timeout` is what an attempt may take where the caller's deadline does not end it
// earlier: an operator that says nothing for half of that has failed. Were it less, callers in a
// hurry would make a slow operator look dead to everybody else.
AttemptOutcome JudgeAttempt(const absl::Status& status, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint now,
                            absl::Duration attempt_timeout);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_OUTCOME_H_
