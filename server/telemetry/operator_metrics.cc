// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/operator_metrics.h"

namespace uid2 {
OperatorMetrics OperatorMetrics::In(Metrics& metrics) {
  OperatorMetrics group;
  group.retries = metrics.AddCounter("retries_total", "Attempts after a call's first.");
  group.calls_suspended = metrics.AddCounter(
      "operator_calls_suspended_total", "Calls not sent because their operator fails most calls.");
  group.refreshes_shared = metrics.AddCounter(
      "refreshes_shared_total", "Refreshes answered by the operator call of another refresh.");
  group.replies_not_opened =
      metrics.AddCounter("refresh_replies_not_opened_total",
                         "Replies to refreshes that do not fit the response key that the caller "
                         "sent.");
  group.shared_refreshes = metrics.AddGauge(
      "shared_refreshes", "Operator calls that several refreshes share or could share.");
  return group;
}

}  // namespace uid2
