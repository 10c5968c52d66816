// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/loop_metrics.h"

#include <string>

namespace uid2 {

LoopMetrics LoopMetrics::In(Metrics& metrics, absl::string_view loop) {
  LoopMetrics group;
  group.stalls = metrics.AddHistogram(
      "event_loop_stall_seconds", "How late a timer of the loop fires, measured once a second.",
      {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}, {{"loop", std::string(loop)}});
  return group;
}

}  // namespace uid2
