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

// The metrics of each part of the service, as groups of handles, which can be copied freely. The
// names of the series are in metrics.cc.

// The metrics of one method of a gRPC service.
class MethodMetrics {
 public:
  // Calls received, regardless of their result.
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

// The metrics of the limits on calls in flight.
struct AdmissionMetrics {
  Gauge calls_in_flight;
  // Calls refused, by the reason that their callers received.
  Counter draining;
  Counter overloaded;
  Counter caller_limit;
};

// The metrics of calls to operators.
struct OperatorMetrics {
  // Attempts after the first one of a call.
  Counter retries;
  // Calls not sent because their operator fails most calls.
  Counter calls_suspended;
  // Refreshes answered by the operator call of another refresh.
  Counter refreshes_shared;
  // Replies to refreshes that do not fit the response key that the caller sent with the token.
  Counter replies_not_opened;
  // Operator calls that several refreshes share or could share.
  Gauge shared_refreshes;
};

// The metrics of HTTP requests and of what they need.
struct HttpMetrics {
  // Times that a request was written to a connection. Includes the times that libcurl resent it
  // because a reused connection failed before the first byte of the reply; the server may have
  // received such a request twice.
  Counter requests_sent;
  Counter requests_resent;
  // Requests without a reply yet, including those that wait for a connection.
  Gauge requests_in_flight;
  // Requests in flight that wait for the first look-up of their host.
  Gauge requests_without_address;
  // Attempts to make a TCP connection: one for each address tried.
  Counter connections_opened;
  // Changes to the file of certificate authorities that were loaded, and those that could not be
  // used. Content that stays unusable counts once.
  Counter trust_store_reloads;
  Counter trust_store_reload_failures;
  // Look-ups of host names that were started, and that failed, including those that refresh known
  // addresses.
  Counter look_ups;
  Counter look_up_failures;
  // Timers that have not fired.
  Gauge timers;
};

// The metrics of the certificates that the server presents and checks.
struct CertificateMetrics {
  // Changes to the certificate files that are in use, and those that could not be used. Content
  // that stays unusable counts once.
  Counter reloads;
  Counter reload_failures;
  // When the server's certificate, or the first of its intermediate certificates, ends: seconds
  // since 1970. 0 if TLS is not served.
  Gauge ends;
};

// The metrics of one participant's credentials.
struct CredentialsMetrics {
  // Changes to their files that are in use, and those that could not be used. Content that stays
  // unusable counts once.
  Counter reloads;
  Counter reload_failures;
  // When those in use were read, as a Unix time in seconds.
  Gauge loaded;
};

// The registry of all metrics of the process. The code that serves calls only writes them and never
// reads them. Thread-safe; must outlive all handles.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `service` is the full name, such as "uid2.identity.v1.IdentityService"; `type` is "unary",
  // "server_stream" or "bidi_stream". Further calls with the same arguments return handles to the
  // same series.
  MethodMetrics ForMethod(absl::string_view service, absl::string_view method,
                          absl::string_view type = "unary");

  // `participant` is a configured name. Otherwise like ForMethod().
  CredentialsMetrics ForCredentials(absl::string_view participant);

  const AdmissionMetrics& admission() const { return admission_; }
  const OperatorMetrics& for_operators() const { return operators_; }
  const HttpMetrics& http() const { return http_; }
  const CertificateMetrics& certificates() const { return certificates_; }
  // Lines that the log has dropped.
  const Counter& log_lines_dropped() const { return log_lines_dropped_; }

  // Returns the sum of all series named `name`, or of those that have a label with this value; 0 if
  // there are none. Reads the whole registry, one number after another, so the sum is exact only if
  // the series do not change at the same time.
  int64_t Total(absl::string_view name, absl::string_view label_value = "") const;

  const prometheus::Registry& registry() const { return *registry_; }

 private:
  Counter AddCounter(absl::string_view name, absl::string_view help);
  Gauge AddGauge(absl::string_view name, absl::string_view help);

  const std::unique_ptr<prometheus::Registry> registry_;
  AdmissionMetrics admission_;
  OperatorMetrics operators_;
  HttpMetrics http_;
  CertificateMetrics certificates_;
  Counter log_lines_dropped_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_METRICS_H_
