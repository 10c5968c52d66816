// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METHOD_METRICS_H_
#define SERVER_TELEMETRY_METHOD_METRICS_H_

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of one method of a gRPC service.
class MethodMetrics {
 public:
  // `service` is the full name, such as "uid2.identity.v1.IdentityService"; `type` is "unary",
  // "server_stream" or "bidi_stream".
  static MethodMetrics In(Metrics& metrics, absl::string_view service, absl::string_view method,
                          absl::string_view type = "unary");

  // Calls received, regardless of their result.
  const Counter& started() const { return started_; }

  // Calls answered with `code`, which is one of gRPC's 17.
  const Counter& handled(absl::StatusCode code) const { return handled_[Index(code)]; }

 private:
  static constexpr size_t kCodes = 17;

  static size_t Index(absl::StatusCode code);

  Counter started_;
  std::array<Counter, kCodes> handled_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METHOD_METRICS_H_
