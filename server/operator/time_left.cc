// SPDX-License-Identifier: Apache-2.0

#include "server/operator/time_left.h"

#include "server/status/reason.h"

namespace uid2 {

absl::Status CheckTimeLeft(const CallContext& context, CallContext::TimePoint now,
                           absl::Duration min_time_left) {
  if (context.cancelled()) return absl::CancelledError("the caller has gone");
  if (absl::FromChrono(context.deadline() - now) >= min_time_left) return absl::OkStatus();
  return MakeError(identity::v1::DEADLINE_TOO_SHORT,
                   "too little time left to ask the operator; set a deadline of at least a second");
}

AttemptFailure TimeoutFailure(bool callers_deadline_passed) {
  if (callers_deadline_passed) {
    return {.kind = FailureKind::kTimeout,
            .message = "the operator did not answer before your deadline"};
  }
  return {.kind = FailureKind::kTimeout,
          .reason = identity::v1::OPERATOR_TIMEOUT,
          .message = "the operator did not answer within the time limits"};
}

}  // namespace uid2
