// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/address_metrics.h"

#include <string>

namespace uid2 {

AddressMetrics AddressMetrics::In(Metrics& metrics, absl::string_view participant,
                                  absl::string_view address) {
  return {
      .generate = EndpointMetrics::In(metrics, participant, address, "generate"),
      .refresh = EndpointMetrics::In(metrics, participant, address, "refresh"),
      .http = HttpTargetMetrics::In(metrics, participant, address),
      .clock_offset = metrics.AddGauge(
          "operator_clock_offset_seconds",
          "How far the operator's clock is ahead of this host's; 0 while that is not known.",
          {{"participant", std::string(participant)}, {"address", std::string(address)}}),
  };
}

}  // namespace uid2
