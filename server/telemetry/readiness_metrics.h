// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_READINESS_METRICS_H_
#define SERVER_TELEMETRY_READINESS_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// What the replica says about itself.
struct ReadinessMetrics {
  // `service` is the full name of the service whose health is told.
  static ReadinessMetrics In(Metrics& metrics, absl::string_view service);

  // 1 while health is SERVING, otherwise 0: that of the name "", and that of the service.
  Gauge serving_overall;
  Gauge serving_service;
  // 1 from the beginning of the drain.
  Gauge draining;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_READINESS_METRICS_H_
