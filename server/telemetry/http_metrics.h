// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_HTTP_METRICS_H_
#define SERVER_TELEMETRY_HTTP_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of HTTP requests and of what they need.
struct HttpMetrics {
  static HttpMetrics In(Metrics& metrics);

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

}  // namespace uid2

#endif  // SERVER_TELEMETRY_HTTP_METRICS_H_
