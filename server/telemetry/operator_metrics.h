// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_OPERATOR_METRICS_H_
#define SERVER_TELEMETRY_OPERATOR_METRICS_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Why an attempt was followed by another one.
enum class RetryReason {
  // No connection, or it failed before the reply was complete.
  kUnreachable,
  // A certificate was not accepted; the retry goes to another address.
  kCertificate,
  kTimeout,
  // HTTP 429.
  kTooManyRequests,
  // HTTP 503.
  kUnavailable,
  // HTTP 408, 502 or 504.
  kGateway,
  // HTTP 500.
  kServerError,
  // The operator rejected the request's timestamp or its credentials, and we have newer ones.
  kTimestamp,
  kCredentials,
};

// The metrics of one participant's calls to its operator. EndpointMetrics has those of attempts.
struct OperatorMetrics {
  static constexpr size_t kRetryReasons = 9;

  // `participant` is a configured name.
  static OperatorMetrics In(Metrics& metrics, absl::string_view participant);

  const Counter& retries(RetryReason reason) const {
    return retries_by_reason[static_cast<size_t>(reason)];
  }

  // Attempts after the first one of a call, in the order of RetryReason.
  std::array<Counter, kRetryReasons> retries_by_reason;

  // The retries that are left in the budgets: for retries after failures of the operator, and after
  // errors that callers may have provoked.
  Gauge retry_tokens;
  Gauge provoked_retry_tokens;
  // Calls not sent because their operator fails most calls.
  Counter calls_suspended;
  // Refreshes answered by the operator call of another refresh.
  Counter refreshes_shared;
  // Replies to refreshes that do not fit the response key that the caller sent with the token.
  Counter replies_not_opened;
  // Operator calls that several refreshes share or could share, of all participants.
  Gauge shared_refreshes;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_OPERATOR_METRICS_H_
