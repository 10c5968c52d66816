// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/self_probe_metrics.h"

namespace uid2 {

SelfProbeMetrics SelfProbeMetrics::In(Metrics& metrics) {
  SelfProbeMetrics group;
  group.failures = metrics.AddCounter("self_probe_failures_total",
                                      "Self-probes whose connection was not answered.");
  group.success =
      metrics.AddGauge("self_probe_success", "1 if the last self-probe was answered, otherwise 0.");
  group.last = metrics.AddGauge("self_probe_last_timestamp_seconds",
                                "When the last self-probe ended, as a Unix time.");
  return group;
}

}  // namespace uid2
