// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_LABELS_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_LABELS_H_

#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/failure_kind.h"
#include "server/telemetry/endpoint_metrics.h"
#include "server/telemetry/operator_metrics.h"

namespace uid2 {

// Under which labels an attempt is counted that ended at `ended`. `failure` is null after a
// success; it must not be kSuspended, because such an attempt was not made. `context` is that of
// the call, whose trace has the status of the attempt's reply.
CodeClass CodeClassOf(const AttemptFailure* failure, const CallContext& context,
                      CallContext::TimePoint ended);

// Under which label a retry after a failure of `kind` is counted. It must be one that is retried;
// see DecideRetry().
RetryReason RetryReasonOf(FailureKind kind);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_LABELS_H_
