// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/admission_metrics.h"

namespace uid2 {

AdmissionMetrics AdmissionMetrics::In(Metrics& metrics) {
  const auto shed = [&metrics](const char* reason) {
    return metrics.AddCounter("shed_total",
                              "Calls of IdentityService refused because of a limit or a drain.",
                              {{"reason", reason}});
  };
  AdmissionMetrics group;
  group.calls_in_flight =
      metrics.AddGauge("calls_in_flight", "Calls admitted and not answered yet.");
  group.max_calls_in_flight = metrics.AddGauge(
      "max_calls_in_flight", "The configured limit on calls in flight; further calls are refused.");
  group.draining = shed("DRAINING");
  group.overloaded = shed("OVERLOADED");
  group.caller_limit = shed("CALLER_LIMIT");
  return group;
}

}  // namespace uid2
