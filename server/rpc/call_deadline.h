// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALL_DEADLINE_H_
#define SERVER_RPC_CALL_DEADLINE_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

struct DeadlineOptions {
  // A call takes no longer, whatever its caller allows.
  absl::Duration max_call_time = absl::Seconds(5);
  // Kept back from the caller's deadline, so that an answer still reaches it in time.
  absl::Duration deadline_margin = absl::Milliseconds(30);
};

struct CallDeadline {
  CallContext::TimePoint time;
  // Rather than the server's own maximum.
  bool is_callers = false;
};

// The earlier of the caller's deadline less the margin and the server's maximum.
// `callers_deadline` is civil time, as gRPC gives it, and far in the future where none was set;
// `civil_now` and `steady_now` are the same instant on the two clocks.
CallDeadline DecideDeadline(absl::Time callers_deadline, absl::Time civil_now,
                            CallContext::TimePoint steady_now, const DeadlineOptions& options);

}  // namespace uid2

#endif  // SERVER_RPC_CALL_DEADLINE_H_
