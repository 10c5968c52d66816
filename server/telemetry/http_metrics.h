// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_HTTP_METRICS_H_
#define SERVER_TELEMETRY_HTTP_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of what HTTP requests to all targets share. HttpTargetMetrics has those of requests.
struct HttpMetrics {
  static HttpMetrics In(Metrics& metrics);

  // Requests in flight that wait for the first look-up of their host.
  Gauge requests_without_address;
  // Look-ups of host names that were started, and that failed, including those that refresh known
  // addresses.
  Counter look_ups;
  Counter look_up_failures;
  // Timers that have not fired.
  Gauge timers;
  // LoopMetrics::stalls of the event loop.
  Histogram loop_stalls;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_HTTP_METRICS_H_
