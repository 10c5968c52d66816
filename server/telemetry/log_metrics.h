// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LOG_METRICS_H_
#define SERVER_TELEMETRY_LOG_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of the log.
struct LogMetrics {
  static LogMetrics In(Metrics& metrics);

  // Lines that were lost because nobody read the log.
  Counter unread;
  // Lines that were dropped because there were too many of them per second.
  Counter over_rate;
  // The Unix time at which the write in progress began; 0 while there is none.
  Gauge write_began;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LOG_METRICS_H_
