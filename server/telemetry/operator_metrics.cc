// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/operator_metrics.h"

#include <string>

namespace uid2 {
namespace {

// In the order of RetryReason.
constexpr const char* kReasonNames[] = {"unreachable",       "certificate", "timeout",
                                        "too_many_requests", "unavailable", "gateway",
                                        "server_error",      "timestamp",   "credentials"};

}  // namespace

OperatorMetrics OperatorMetrics::In(Metrics& metrics, absl::string_view participant) {
  const std::string name(participant);
  const Metrics::Labels labels = {{"participant", name}};
  const auto tokens = [&](const char* budget) {
    return metrics.AddGauge("retry_tokens", "Retries that are left in the budget.",
                            {{"participant", name}, {"budget", budget}});
  };
  OperatorMetrics group;
  for (size_t reason = 0; reason < kRetryReasons; ++reason) {
    group.retries_by_reason[reason] =
        metrics.AddCounter("retries_total", "Attempts after the first one of a call, by reason.",
                           {{"participant", name}, {"reason", kReasonNames[reason]}});
  }
  group.retry_tokens = tokens("operator");
  group.provoked_retry_tokens = tokens("provoked");
  group.calls_suspended =
      metrics.AddCounter("operator_calls_suspended_total",
                         "Calls not sent because the operator fails most calls.", labels);
  group.refreshes_shared =
      metrics.AddCounter("refreshes_shared_total",
                         "Refreshes answered by the operator call of another refresh.", labels);
  group.replies_not_opened = metrics.AddCounter(
      "refresh_replies_not_opened_total",
      "Replies to refreshes that do not fit the response key that the caller sent.", labels);
  group.shared_refreshes = metrics.AddGauge(
      "shared_refreshes", "Operator calls that several refreshes share or could share.");
  return group;
}

}  // namespace uid2
