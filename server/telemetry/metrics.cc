// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace uid2 {
namespace {

// As dashboards for gRPC expect them: spelled as in grpc-go, in the order of their numbers.
constexpr const char* kCodeNames[] = {
    "OK",       "Canceled",        "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",   "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",      "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated",
};

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry,
                                                       absl::string_view name,
                                                       absl::string_view help) {
  return prometheus::BuildCounter()
      .Name(std::string(name))
      .Help(std::string(help))
      .Register(registry);
}

// Whether a label has this value; an empty one matches all series.
bool Has(const prometheus::ClientMetric& series, absl::string_view label_value) {
  return label_value.empty() ||
         std::any_of(series.label.begin(), series.label.end(),
                     [&](const auto& label) { return label.value == label_value; });
}

}  // namespace

size_t MethodMetrics::Index(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown);
}

Metrics::Metrics() : registry_(std::make_unique<prometheus::Registry>()) {
  admission_.calls_in_flight = AddGauge("calls_in_flight", "Calls admitted and not answered yet.");
  auto& shed = CounterFamily(*registry_, "shed_total", "Calls refused, by the reason given.");
  admission_.draining = Counter(shed.Add({{"reason", "DRAINING"}}));
  admission_.overloaded = Counter(shed.Add({{"reason", "OVERLOADED"}}));
  admission_.caller_limit = Counter(shed.Add({{"reason", "CALLER_LIMIT"}}));

  operators_.retries = AddCounter("retries_total", "Attempts after a call's first.");
  operators_.calls_suspended = AddCounter(
      "operator_calls_suspended_total", "Calls not sent because their operator fails most calls.");
  operators_.refreshes_shared = AddCounter(
      "refreshes_shared_total", "Refreshes answered by the operator call of another refresh.");
  operators_.replies_not_opened =
      AddCounter("refresh_replies_not_opened_total",
                 "Replies to refreshes that do not fit the response key that the caller sent.");
  operators_.shared_refreshes =
      AddGauge("shared_refreshes", "Operator calls that several refreshes share or could share.");

  http_.requests_sent =
      AddCounter("operator_requests_sent_total",
                 "Requests written to a connection, including those that libcurl repeated.");
  http_.requests_resent =
      AddCounter("operator_requests_resent_total",
                 "Requests that libcurl repeated because a kept connection had died.");
  http_.requests_in_flight = AddGauge("operator_inflight", "Requests without a reply yet.");
  http_.requests_without_address = AddGauge("operator_requests_without_address",
                                            "Requests that wait for the look-up of their host.");
  http_.connections_opened =
      AddCounter("operator_new_connections_total", "Attempts to make a TCP connection.");
  auto& reloads = CounterFamily(*registry_, "trust_store_reload_total",
                                "Changes of the file of certificate authorities, by result.");
  http_.trust_store_reloads = Counter(reloads.Add({{"result", "success"}}));
  http_.trust_store_reload_failures = Counter(reloads.Add({{"result", "failure"}}));
  http_.look_ups = AddCounter("operator_lookups_total", "Look-ups of host names begun.");
  http_.look_up_failures =
      AddCounter("operator_lookup_failures_total", "Look-ups of host names that failed.");
  http_.timers = AddGauge("timers", "Timers that have not fired.");

  auto& certificates =
      CounterFamily(*registry_, "certificate_reload_total",
                    "Changes of the server's certificate, key and client authorities, by result.");
  certificates_.reloads = Counter(certificates.Add({{"result", "success"}}));
  certificates_.reload_failures = Counter(certificates.Add({{"result", "failure"}}));
  certificates_.ends = AddGauge("certificate_end_timestamp_seconds",
                                "When the server's certificate ends, in seconds since 1970.");

  log_lines_dropped_ =
      AddCounter("log_lines_dropped_total", "Log lines lost because nobody read the log.");
}

Metrics::~Metrics() = default;

MethodMetrics Metrics::ForMethod(absl::string_view service, absl::string_view method,
                                 absl::string_view type) {
  prometheus::Labels labels = {{"grpc_type", std::string(type)},
                               {"grpc_service", std::string(service)},
                               {"grpc_method", std::string(method)}};
  MethodMetrics metrics;
  metrics.started_ = Counter(
      CounterFamily(*registry_, "grpc_server_started_total", "Calls received.").Add(labels));
  // Creates all of them at once, so that the rate of a code is correct even when it first occurs.
  auto& handled =
      CounterFamily(*registry_, "grpc_server_handled_total", "Calls answered, by status code.");
  for (size_t code = 0; code < MethodMetrics::kCodes; ++code) {
    labels["grpc_code"] = kCodeNames[code];
    metrics.handled_[code] = Counter(handled.Add(labels));
  }
  return metrics;
}

CredentialsMetrics Metrics::ForCredentials(absl::string_view participant) {
  prometheus::Labels labels = {{"participant", std::string(participant)}};
  CredentialsMetrics metrics;
  metrics.loaded = Gauge(prometheus::BuildGauge()
                             .Name("credential_loaded_timestamp_seconds")
                             .Help("When the credentials in use were read, as a Unix time.")
                             .Register(*registry_)
                             .Add(labels));
  auto& reloads = CounterFamily(*registry_, "credential_reload_total",
                                "Changes of the files of credentials, by result.");
  labels["result"] = "success";
  metrics.reloads = Counter(reloads.Add(labels));
  labels["result"] = "failure";
  metrics.reload_failures = Counter(reloads.Add(labels));
  return metrics;
}

int64_t Metrics::Total(absl::string_view name, absl::string_view label_value) const {
  double total = 0;
  for (const prometheus::MetricFamily& family : registry_->Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& series : family.metric) {
      if (!Has(series, label_value)) continue;
      // The series is one of the two; the other value is 0.
      total += series.counter.value + series.gauge.value;
    }
  }
  return std::llround(total);
}

Counter Metrics::AddCounter(absl::string_view name, absl::string_view help) {
  return Counter(CounterFamily(*registry_, name, help).Add({}));
}

Gauge Metrics::AddGauge(absl::string_view name, absl::string_view help) {
  return Gauge(prometheus::BuildGauge()
                   .Name(std::string(name))
                   .Help(std::string(help))
                   .Register(*registry_)
                   .Add({}));
}

}  // namespace uid2
