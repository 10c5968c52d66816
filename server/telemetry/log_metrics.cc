// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/log_metrics.h"

namespace uid2 {
LogMetrics LogMetrics::In(Metrics& metrics) {
  LogMetrics group;
  const auto dropped = [&metrics](const char* reason) {
    return metrics.AddCounter("log_lines_dropped_total",
                              "Lines that the log does not have: nobody read it, or there were too "
                              "many per second.",
                              {{"reason", reason}});
  };
  group.unread = dropped("reader");
  group.over_rate = dropped("rate");
  group.write_began = metrics.AddGauge(
      "log_write_began_timestamp_seconds",
      "When the write of the log that is in progress began; 0 while there is none.");
  return group;
}

}  // namespace uid2
