// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/http_target_metrics.h"

#include <string>

namespace uid2 {

ConnectionMetrics ConnectionMetrics::In(Metrics& metrics, absl::string_view address) {
  const auto in_state = [&](const char* state) {
    return metrics.AddGauge("operator_connections",
                            "Open connections to the operator, by whether a request uses them.",
                            {{"address", std::string(address)}, {"state", state}});
  };
  return {.active = in_state("active"), .idle = in_state("idle")};
}

HttpTargetMetrics HttpTargetMetrics::In(Metrics& metrics, absl::string_view participant,
                                        absl::string_view address) {
  const Metrics::Labels labels = {{"participant", std::string(participant)},
                                  {"address", std::string(address)}};
  return {
      .requests_sent = metrics.AddCounter(
          "operator_requests_sent_total",
          "Requests written to a connection, including those sent again.", labels),
      .requests_resent =
          metrics.AddCounter("operator_requests_resent_total",
                             "Requests sent again because a kept connection was dead.", labels),
      .requests_in_flight = metrics.AddGauge(
          "operator_inflight", "Requests to the operator that have no reply yet.", labels),
      .connections_opened = metrics.AddCounter(
          "operator_new_connections_total",
          "Attempts to open a TCP connection, one for each IP address tried.", labels),
      .connections = ConnectionMetrics::In(metrics, address),
  };
}

}  // namespace uid2
