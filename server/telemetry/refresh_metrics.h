// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_REFRESH_METRICS_H_
#define SERVER_TELEMETRY_REFRESH_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of the refreshes of one participant.
struct RefreshMetrics {
  // `participant` is a configured name.
  static RefreshMetrics In(Metrics& metrics, absl::string_view participant);

  // How many seconds before its advertising token expires an identity is sent to be refreshed. 0 or
  // less if it has expired.
  Histogram margin;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_REFRESH_METRICS_H_
