// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/http_metrics.h"

namespace uid2 {
HttpMetrics HttpMetrics::In(Metrics& metrics) {
  const auto reload = [&metrics](const char* result) {
    return metrics.AddCounter("trust_store_reload_total",
                              "Changes of the file of certificate authorities, by result.",
                              {{"result", result}});
  };
  HttpMetrics group;
  group.requests_sent = metrics.AddCounter(
      "operator_requests_sent_total",
      "Requests written to a connection, including those that libcurl repeated.");
  group.requests_resent =
      metrics.AddCounter("operator_requests_resent_total",
                         "Requests that libcurl repeated because a kept connection had died.");
  group.requests_in_flight = metrics.AddGauge("operator_inflight", "Requests without a reply yet.");
  group.requests_without_address = metrics.AddGauge(
      "operator_requests_without_address", "Requests that wait for the look-up of their host.");
  group.connections_opened =
      metrics.AddCounter("operator_new_connections_total", "Attempts to make a TCP connection.");
  group.trust_store_reloads = reload("success");
  group.trust_store_reload_failures = reload("failure");
  group.look_ups = metrics.AddCounter("operator_lookups_total", "Look-ups of host names begun.");
  group.look_up_failures =
      metrics.AddCounter("operator_lookup_failures_total", "Look-ups of host names that failed.");
  group.timers = metrics.AddGauge("timers", "Timers that have not fired.");
  return group;
}

}  // namespace uid2
