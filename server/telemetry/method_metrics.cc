// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/method_metrics.h"

#include <string>

#include "server/telemetry/latency_bounds.h"

namespace uid2 {
namespace {

// As dashboards for gRPC expect them: spelled as in grpc-go, in the order of their numbers.
constexpr const char* kCodeNames[] = {
    "OK",       "Canceled",        "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",   "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",      "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated",
};

}  // namespace

MethodMetrics MethodMetrics::In(Metrics& metrics, absl::string_view service,
                                absl::string_view method, absl::string_view type) {
  const Metrics::Labels method_labels = {{"grpc_type", std::string(type)},
                                         {"grpc_service", std::string(service)},
                                         {"grpc_method", std::string(method)}};
  MethodMetrics group;
  group.started_ =
      metrics.AddCounter("grpc_server_started_total", "Calls received.", method_labels);
  Metrics::Labels labels = method_labels;
  // Creates all of them at once, so that the rate of a code is correct even when it first occurs.
  for (size_t code = 0; code < kCodes; ++code) {
    labels["grpc_code"] = kCodeNames[code];
    group.handled_[code] =
        metrics.AddCounter("grpc_server_handled_total", "Calls answered, by status code.", labels);
  }
  if (type == kUnary) {
    group.handling_ = metrics.AddHistogram("grpc_server_handling_seconds",
                                           "Time from the arrival of a unary call to its answer.",
                                           LatencyBounds(), method_labels);
  }
  return group;
}

void MethodMetrics::Handled(absl::StatusCode code, absl::Duration duration) const {
  const auto index = static_cast<size_t>(code);
  handled_[index < kCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown)].Increment();
  handling_.Observe(absl::ToDoubleSeconds(duration));
}

}  // namespace uid2
