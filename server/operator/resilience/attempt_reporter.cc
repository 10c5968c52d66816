// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/attempt_reporter.h"

#include "absl/time/time.h"
#include "server/operator/failure_kind.h"
#include "server/operator/resilience/attempt_labels.h"
#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {

void AttemptReporter::Ended(int number, const AttemptFailure* failure, const CallContext& context,
                            CallContext::TimePoint begun, CallContext::TimePoint ended) const {
  const absl::Duration duration = absl::FromChrono(ended - begun);
  metrics_.Ended(number, CodeClassOf(failure, context, ended), absl::ToDoubleSeconds(duration));
  // Only views, because most records are of successes, which are below the default severity.
  AttemptRecord record;
  record.participant = participant_;
  record.address = address_;
  record.endpoint = endpoint_;
  record.attempt = number;
  if (failure != nullptr) {
    const FailureKind kind = EffectiveKind(failure->kind, context, ended);
    record.failure = NameOf(kind);
    record.cancelled = kind == FailureKind::kCancelled;
    record.detail = failure->message;
  }
  record.operator_status = context.trace().http_status;
  record.operator_address = context.trace().peer;
  record.trace_id = context.trace_id().text();
  record.duration = duration;
  log_.Record(record);
}

}  // namespace uid2
