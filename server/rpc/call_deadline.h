// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALL_DEADLINE_H_
#define SERVER_RPC_CALL_DEADLINE_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

struct DeadlineOptions {
  // The longest time that a call may take, whatever deadline its caller set.
  absl::Duration max_call_time = absl::Seconds(5);
  // Subtracted from the caller's deadline, so that the response still reaches the caller in time.
  absl::Duration deadline_margin = absl::Milliseconds(30);
};

struct CallDeadline {
  CallContext::TimePoint time;
  // Whether the deadline is the caller's, not the server's maximum.
  bool is_callers = false;
};

// Returns the caller's deadline minus the margin or the server's maximum, whichever is earlier.
// `callers_deadline` is civil time, as gRPC reports it: far in the future if the caller set none.
// `civil_now` and `steady_now` are the same instant on the two clocks.
CallDeadline DecideDeadline(absl::Time callers_deadline, absl::Time civil_now,
                            CallContext::TimePoint steady_now, const DeadlineOptions& options);

}  // namespace uid2

#endif  // SERVER_RPC_CALL_DEADLINE_H_
