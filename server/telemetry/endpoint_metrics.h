// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_ENDPOINT_METRICS_H_
#define SERVER_TELEMETRY_ENDPOINT_METRICS_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// How an attempt at an operator call ended.
enum class CodeClass {
  k2xx,
  k3xx,
  // Without 429.
  k4xx,
  k429,
  k5xx,
  // No complete reply: the operator was not reached, the connection broke, or time ran out.
  kNone,
  // The caller has gone away.
  kCancelled,
  // The request could not be made, for a reason on our side.
  kNotSent,
};

// The metrics of one endpoint ("generate" or "refresh") at one of a participant's operator
// addresses.
class EndpointMetrics {
 public:
  // `participant` and `address` are as configured.
  static EndpointMetrics In(Metrics& metrics, absl::string_view participant,
                            absl::string_view address, absl::string_view endpoint);

  // Call this once for each attempt that has ended, `seconds` after it began. `number` is 1 for the
  // first attempt of a call. Attempts that were held back do not count.
  void Ended(int number, CodeClass code_class, double seconds) const;

  // The probability with which an attempt is held back, from 0 to 1.
  const Gauge& throttle_ratio() const { return throttle_ratio_; }

  // Call this when the address is ejected (true) and when it has recovered (false).
  void SetEjected(bool ejected) const;

 private:
  static constexpr size_t kNumbers = 3;
  static constexpr size_t kClasses = 8;

  std::array<std::array<Counter, kClasses>, kNumbers> requests_;
  Histogram request_seconds_;
  Gauge throttle_ratio_;
  Counter ejections_;
  Gauge ejected_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_ENDPOINT_METRICS_H_
