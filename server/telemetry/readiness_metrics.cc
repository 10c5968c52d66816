// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/readiness_metrics.h"

#include <string>

namespace uid2 {

ReadinessMetrics ReadinessMetrics::In(Metrics& metrics, absl::string_view service) {
  const auto serving = [&metrics](absl::string_view name) {
    return metrics.AddGauge("serving", "1 while gRPC health answers SERVING for the name.",
                            {{"name", std::string(name)}});
  };
  ReadinessMetrics group;
  group.serving_overall = serving("overall");
  group.serving_service = serving(service);
  group.draining = metrics.AddGauge("draining", "1 from the beginning of the drain.");
  return group;
}

}  // namespace uid2
