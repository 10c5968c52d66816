// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/call_deadline.h"

namespace uid2 {

CallDeadline DecideDeadline(absl::Time callers_deadline, absl::Time civil_now,
                            CallContext::TimePoint steady_now, const DeadlineOptions& options) {
  const absl::Duration callers = callers_deadline - civil_now - options.deadline_margin;
  const bool is_callers = callers < options.max_call_time;
  const absl::Duration left = is_callers ? callers : options.max_call_time;
  return {steady_now + absl::ToChronoNanoseconds(left), is_callers};
}

}  // namespace uid2
