// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_ADMISSION_METRICS_H_
#define SERVER_TELEMETRY_ADMISSION_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of the limits on calls in flight.
struct AdmissionMetrics {
  static AdmissionMetrics In(Metrics& metrics);

  Gauge calls_in_flight;
  // The number of calls in flight beyond which calls are refused.
  Gauge max_calls_in_flight;
  // Calls refused, by the reason that their callers received.
  Counter draining;
  Counter overloaded;
  Counter caller_limit;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_ADMISSION_METRICS_H_
