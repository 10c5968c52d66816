#ifndef SERVER_OPERATOR_TIME_LEFT_H_
#define SERVER_OPERATOR_TIME_LEFT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// Whether there is time enough to begin an operator call, at least `least`: OK,
// DEADLINE_TOO_SHORT, or kCancelled where the caller has gone. `now` is the steady clock's, here
// and below.
absl::Status CheckTimeLeft(const CallContext& context, CallContext::TimePoint now,
                           absl::Duration least);

// Why a call has no answer: kDeadlineExceeded where the caller's own deadline has passed, or else
// OPERATOR_TIMEOUT.
absl::Status NoAnswerInTime(const CallContext& context, CallContext::TimePoint now);
absl::Status NoAnswerInTime(bool callers_deadline_passed);

}  // namespace uid2

#endif  // SERVER_OPERATOR_TIME_LEFT_H_
