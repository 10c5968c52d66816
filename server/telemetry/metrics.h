// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_METRICS_H_
#define SERVER_TELEMETRY_METRICS_H_

#include <array>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"

namespace prometheus {
class Registry;
}

namespace uid2 {

// What each part of the service tells about itself. Groups of handles: copy them freely. The names
// of the series are in metrics.cc.

// About one method of a gRPC service.
class MethodMetrics {
 public:
  // Calls received, whatever became of them.
  const Counter& started() const { return started_; }

  // Calls answered with `code`, which is one of gRPC's 17.
  const Counter& handled(absl::StatusCode code) const { return handled_[Index(code)]; }

 private:
  friend class Metrics;
  static constexpr size_t kCodes = 17;

  static size_t Index(absl::StatusCode code);

  Counter started_;
  std::array<Counter, kCodes> handled_;
};

// About the limits on calls in flight.
struct AdmissionMetrics {
  Gauge calls_in_flight;
  // Calls refused, by the reason that their callers were given.
  Counter draining;
  Counter overloaded;
  Counter caller_limit;
};

// About calls to operators.
struct OperatorMetrics {
  // Attempts after a call's first.
  Counter retries;
  // Calls not sent because their operator fails most calls.
  Counter calls_suspended;
  // Refreshes answered by the operator call of another refresh.
  Counter refreshes_shared;
  // Operator calls that several refreshes share or could share.
  Gauge shared_refreshes;
};

// About HTTP requests and what they need.
struct HttpMetrics {
  // Times a request was written to a connection, including the times the transport repeated it by
  // itself because a kept connection died before the first byte of the reply. The server may have
  // received such a request twice.
  Counter requests_sent;
  Counter requests_resent;
  // Requests without a reply yet, including those that wait for a connection.
  Gauge requests_in_flight;
  // Those of them that wait for the first look-up of their host.
  Gauge requests_without_address;
  // Attempts to make a TCP connection: one for each address tried.
  Counter connections_opened;
  // Changes to the file of certificate authorities that came into use, and those that could not be
  // used. Content that stays unusable counts once.
  Counter trust_store_reloads;
  Counter trust_store_reload_failures;
  // Look-ups of host names begun and failed, including those that refresh known addresses.
  Counter look_ups;
  Counter look_up_failures;
  // Timers that have not fired.
  Gauge timers;
};

// The registry of every number that the process keeps about itself. Told, never asked, while calls
// are served. Thread-safe; must outlive all handles.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `service` in full, such as "uid2.identity.v1.IdentityService". Asking again gives handles to
  // the same series.
  MethodMetrics ForMethod(absl::string_view service, absl::string_view method);

  const AdmissionMetrics& admission() const { return admission_; }
  const OperatorMetrics& for_operators() const { return operators_; }
  const HttpMetrics& http() const { return http_; }
  // Lines that the log has lost.
  const Counter& log_lines_dropped() const { return log_lines_dropped_; }

  // The sum of all series named `name`, or of those that have a label with this value; 0 if there
  // is none. Reads the whole registry, one number after the other: the sum is exact only for what
  // does not change meanwhile.
  int64_t Total(absl::string_view name, absl::string_view label_value = "") const;

  const prometheus::Registry& registry() const { return *registry_; }

 private:
  Counter AddCounter(absl::string_view name, absl::string_view help);
  Gauge AddGauge(absl::string_view name, absl::string_view help);

  const std::unique_ptr<prometheus::Registry> registry_;
  AdmissionMetrics admission_;
  OperatorMetrics operators_;
  HttpMetrics http_;
  Counter log_lines_dropped_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METRICS_H_
