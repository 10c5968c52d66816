#include "server/operator/time_left.h"

#include "server/status/reason.h"

namespace uid2 {

absl::Status CheckTimeLeft(const CallContext& context, CallContext::TimePoint now,
                           absl::Duration least) {
  if (context.cancelled()) return absl::CancelledError("the caller has gone");
  if (absl::FromChrono(context.deadline() - now) >= least) return absl::OkStatus();
  return MakeError(identity::v1::DEADLINE_TOO_SHORT,
                   "too little time left to ask the operator; set a deadline of at least a second");
}

absl::Status NoAnswerInTime(const CallContext& context, CallContext::TimePoint now) {
  return NoAnswerInTime(context.deadline_is_callers() && now >= context.deadline());
}

absl::Status NoAnswerInTime(bool callers_deadline_passed) {
  if (callers_deadline_passed) {
    return absl::DeadlineExceededError("the operator did not answer before your deadline");
  }
  return MakeError(identity::v1::OPERATOR_TIMEOUT,
                   "the operator did not answer within the time limits");
}

}  // namespace uid2
