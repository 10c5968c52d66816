// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METHOD_METRICS_H_
#define SERVER_TELEMETRY_METHOD_METRICS_H_

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of one method of a gRPC service, with the names that other gRPC servers use:
// grpc_server_started_total, grpc_server_handled_total and grpc_server_handling_seconds. All series
// exist from the start. Thread-safe.
//
// Only unary methods have grpc_server_handling_seconds: how long a stream stays open is for its
// client to decide, and would say nothing about this server.
class MethodMetrics {
 public:
  // The type of a method with one request and one response, as a label.
  static constexpr char kUnary[] = "unary";

  // `service` is the full name, such as "uid2.identity.v1.IdentityService"; `type` is kUnary,
  // "server_stream" or "bidi_stream".
  static MethodMetrics In(Metrics& metrics, absl::string_view service, absl::string_view method,
                          absl::string_view type = kUnary);

  // Calls received, regardless of their result.
  const Counter& started() const { return started_; }

  // Counts a call that was answered with `code`, one of gRPC's 17, after `duration`. Every call
  // that was started must be counted once.
  void Handled(absl::StatusCode code, absl::Duration duration) const;

 private:
  static constexpr size_t kCodes = 17;

  Counter started_;
  std::array<Counter, kCodes> handled_;
  Histogram handling_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METHOD_METRICS_H_
