// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/log_metrics.h"

namespace uid2 {
LogMetrics LogMetrics::In(Metrics& metrics) {
  LogMetrics group;
  group.lines_dropped =
      metrics.AddCounter("log_lines_dropped_total", "Log lines lost because nobody read the log.");
  return group;
}

}  // namespace uid2
