// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_ADDRESS_METRICS_H_
#define SERVER_TELEMETRY_ADDRESS_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/endpoint_metrics.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of one of a participant's operator addresses.
struct AddressMetrics {
  // `participant` and `address` are as configured.
  static AddressMetrics In(Metrics& metrics, absl::string_view participant,
                           absl::string_view address);

  EndpointMetrics generate;
  EndpointMetrics refresh;
  HttpTargetMetrics http;
  // How many seconds the operator's clock is ahead of this host's; negative if it is behind.
  Gauge clock_offset;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_ADDRESS_METRICS_H_
