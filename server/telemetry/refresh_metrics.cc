// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/refresh_metrics.h"

#include <string>
#include <vector>

namespace uid2 {

RefreshMetrics RefreshMetrics::In(Metrics& metrics, absl::string_view participant) {
  // From one minute to one day; what is 0 or less has a bucket of its own.
  const std::vector<double> bounds = {0,    60,    300,   900,   1800, 3600,
                                      7200, 10800, 21600, 43200, 86400};
  RefreshMetrics group;
  group.margin = metrics.AddHistogram(
      "refresh_margin_seconds",
      "Time that was left to the advertising token of an identity sent to be refreshed.", bounds,
      {{"participant", std::string(participant)}});
  return group;
}

}  // namespace uid2
