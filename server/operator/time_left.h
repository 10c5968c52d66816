// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_TIME_LEFT_H_
#define SERVER_OPERATOR_TIME_LEFT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"

namespace uid2 {

// Checks whether enough time, `min_time_left` or more, is left to begin an operator call. Returns
// OK, DEADLINE_TOO_SHORT, or kCancelled if the caller has gone away. `now` is from the steady
// clock.
absl::Status CheckTimeLeft(const CallContext& context, CallContext::TimePoint now,
                           absl::Duration min_time_left);

// Returns the failure if the operator did not answer in time: OPERATOR_TIMEOUT, or no reason
// (kDeadlineExceeded) if the caller's own deadline was exceeded.
AttemptFailure TimeoutFailure(bool callers_deadline_passed);

}  // namespace uid2

#endif  // SERVER_OPERATOR_TIME_LEFT_H_
