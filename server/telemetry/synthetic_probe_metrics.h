// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_SYNTHETIC_PROBE_METRICS_H_
#define SERVER_TELEMETRY_SYNTHETIC_PROBE_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of the synthetic probe of one operator address.
struct SyntheticProbeMetrics {
  // `participant` is a configured name, and `address` one of its configured URLs.
  static SyntheticProbeMetrics In(Metrics& metrics, absl::string_view participant,
                                  absl::string_view address);

  // Probes that have ended.
  Counter successes;
  Counter failures;
  // 1 if the last probe succeeded, else 0. 0 before the first one has ended.
  Gauge success;
  // How long the last probe took.
  Gauge seconds;
  // When the last successful probe ended, as a Unix time in seconds. 0 if there was none.
  Gauge last_success;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_SYNTHETIC_PROBE_METRICS_H_
