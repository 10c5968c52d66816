// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/endpoint_metrics.h"

#include <algorithm>
#include <string>

#include "server/telemetry/latency_bounds.h"

namespace uid2 {
namespace {

constexpr const char* kNumberNames[] = {"1", "2", "3+"};

// In the order of CodeClass.
constexpr const char* kClassNames[] = {"2xx", "3xx",  "4xx",       "429",
                                       "5xx", "none", "cancelled", "not_sent"};

}  // namespace

EndpointMetrics EndpointMetrics::In(Metrics& metrics, absl::string_view participant,
                                    absl::string_view address, absl::string_view endpoint) {
  const Metrics::Labels labels = {{"participant", std::string(participant)},
                                  {"address", std::string(address)},
                                  {"endpoint", std::string(endpoint)}};
  EndpointMetrics group;
  for (size_t number = 0; number < kNumbers; ++number) {
    for (size_t code_class = 0; code_class < kClasses; ++code_class) {
      Metrics::Labels of_attempt = labels;
      of_attempt["attempt"] = kNumberNames[number];
      of_attempt["code_class"] = kClassNames[code_class];
      group.requests_[number][code_class] = metrics.AddCounter(
          "operator_requests_total",
          "Attempts at operator calls that have ended, by the class of the reply's HTTP status.",
          of_attempt);
    }
  }
  group.request_seconds_ = metrics.AddHistogram(
      "operator_request_seconds", "How long attempts at operator calls took, however they ended.",
      LatencyBounds(), labels);
  group.throttle_ratio_ = metrics.AddGauge(
      "local_throttle_ratio",
      "The probability with which an attempt is held back because most of them fail.", labels);
  group.ejections_ = metrics.AddCounter(
      "operator_ejections_total", "Times that the address was ejected because it failed.", labels);
  group.ejected_ =
      metrics.AddGauge("operator_ejected",
                       "1 while the address is ejected, so that calls go to the next one.", labels);
  return group;
}

void EndpointMetrics::Ended(int number, CodeClass code_class, double seconds) const {
  const size_t index = std::min(static_cast<size_t>(number), kNumbers) - 1;
  requests_[index][static_cast<size_t>(code_class)].Increment();
  request_seconds_.Observe(seconds);
}

void EndpointMetrics::SetEjected(bool ejected) const {
  if (ejected) ejections_.Increment();
  ejected_.Set(ejected ? 1 : 0);
}

}  // namespace uid2
