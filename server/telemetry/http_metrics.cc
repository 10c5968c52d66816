// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/http_metrics.h"

#include "server/telemetry/loop_metrics.h"

namespace uid2 {

HttpMetrics HttpMetrics::In(Metrics& metrics) {
  HttpMetrics group;
  group.requests_without_address =
      metrics.AddGauge("operator_requests_without_address",
                       "Requests that wait for the look-up of the operator's host name.");
  group.look_ups =
      metrics.AddCounter("operator_lookups_total", "Look-ups of host names that were started.");
  group.look_up_failures =
      metrics.AddCounter("operator_lookup_failures_total", "Look-ups of host names that failed.");
  group.timers = metrics.AddGauge("timers", "Timers that have not fired.");
  group.loop_stalls = LoopMetrics::In(metrics, "http").stalls;
  return group;
}

}  // namespace uid2
