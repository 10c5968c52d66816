// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/synthetic_probe_metrics.h"

#include <string>

namespace uid2 {

SyntheticProbeMetrics SyntheticProbeMetrics::In(Metrics& metrics, absl::string_view participant,
                                                absl::string_view address) {
  const Metrics::Labels labels = {{"participant", std::string(participant)},
                                  {"address", std::string(address)}};
  const auto probes = [&](const char* result) {
    Metrics::Labels with_result = labels;
    with_result["result"] = result;
    return metrics.AddCounter("synthetic_probe_total",
                              "Synthetic probes of an operator address, by result.", with_result);
  };
  SyntheticProbeMetrics group;
  group.successes = probes("success");
  group.failures = probes("failure");
  group.success =
      metrics.AddGauge("synthetic_probe_success",
                       "Whether the last synthetic probe succeeded (1) or not (0).", labels);
  group.seconds = metrics.AddGauge("synthetic_probe_seconds",
                                   "How long the last synthetic probe took.", labels);
  group.last_success = metrics.AddGauge(
      "synthetic_probe_last_success_timestamp_seconds",
      "When a synthetic probe last succeeded, as a Unix time; 0 if never.", labels);
  return group;
}

}  // namespace uid2
