// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_OPERATOR_METRICS_H_
#define SERVER_TELEMETRY_OPERATOR_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of calls to operators.
struct OperatorMetrics {
  static OperatorMetrics In(Metrics& metrics);

  // Attempts after the first one of a call.
  Counter retries;
  // Calls not sent because their operator fails most calls.
  Counter calls_suspended;
  // Refreshes answered by the operator call of another refresh.
  Counter refreshes_shared;
  // Replies to refreshes that do not fit the response key that the caller sent with the token.
  Counter replies_not_opened;
  // Operator calls that several refreshes share or could share.
  Gauge shared_refreshes;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_OPERATOR_METRICS_H_
