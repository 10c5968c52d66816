#ifndef SERVER_OPERATOR_TIME_LEFT_H_
#define SERVER_OPERATOR_TIME_LEFT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/http/call_context.h"

namespace uid2 {

// An operator call that has less time than this left is not begun: the operator would do the work
// and nobody would be there for the answer.
constexpr absl::Duration kLeastTime = absl::Milliseconds(100);

// Whether there is time enough to begin: OK, DEADLINE_TOO_SHORT, or kCancelled where the caller
// has gone. `now` is the steady clock's, here and below.
absl::Status CheckTimeLeft(const CallContext& context, CallContext::TimePoint now);

// Why a call has no answer: kDeadlineExceeded where the caller's own deadline has passed, or else
// OPERATOR_TIMEOUT.
absl::Status NoAnswerInTime(const CallContext& context, CallContext::TimePoint now);
absl::Status NoAnswerInTime(bool callers_deadline_passed);

}  // namespace uid2

#endif  // SERVER_OPERATOR_TIME_LEFT_H_
