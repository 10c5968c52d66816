// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_HTTP_TARGET_METRICS_H_
#define SERVER_TELEMETRY_HTTP_TARGET_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The open connections to one address, from the first request until they are closed. Requests of
// several participants may share them, so they are counted by address only: that of the request for
// which a connection was opened.
struct ConnectionMetrics {
  static ConnectionMetrics In(Metrics& metrics, absl::string_view address);

  // In use by a request.
  Gauge active;
  // Kept for the next request.
  Gauge idle;
};

// The metrics of the HTTP requests to one target. They are part of the target, so requests that are
// not traffic, such as those of a probe, can be counted differently.
struct HttpTargetMetrics {
  // Of requests that serve callers. `participant` and `address` are as configured.
  static HttpTargetMetrics In(Metrics& metrics, absl::string_view participant,
                              absl::string_view address);

  // Times that a request was written to a connection. Includes the times that it was sent again
  // because a reused connection failed before the first byte of the reply; the server may have
  // received such a request twice.
  Counter requests_sent;
  Counter requests_resent;
  // Requests without a reply yet, including those that wait for a connection.
  Gauge requests_in_flight;
  // Attempts to make a TCP connection: one for each IP address tried.
  Counter connections_opened;
  // If requests that are not traffic use the same HttpClient, set these for them, too: traffic may
  // reuse their connections.
  ConnectionMetrics connections;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_HTTP_TARGET_METRICS_H_
