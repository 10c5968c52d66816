// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LOOP_METRICS_H_
#define SERVER_TELEMETRY_LOOP_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of one kind of event loop.
struct LoopMetrics {
  // `loop` is "http" or "grpc".
  static LoopMetrics In(Metrics& metrics, absl::string_view loop);

  // How late a timer fires that is set once a second, in seconds.
  Histogram stalls;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LOOP_METRICS_H_
