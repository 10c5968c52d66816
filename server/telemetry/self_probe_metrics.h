// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_SELF_PROBE_METRICS_H_
#define SERVER_TELEMETRY_SELF_PROBE_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of the self-probe. Probes that are skipped change none of them.
struct SelfProbeMetrics {
  static SelfProbeMetrics In(Metrics& metrics);

  Counter failures;
  // 1 if the last probe succeeded, otherwise 0.
  Gauge success;
  // When the last probe ended, as a Unix time in seconds; 0 before the first.
  Gauge last;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_SELF_PROBE_METRICS_H_
