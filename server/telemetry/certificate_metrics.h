// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_CERTIFICATE_METRICS_H_
#define SERVER_TELEMETRY_CERTIFICATE_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/reload_metrics.h"

namespace uid2 {

// The validity of that certificate of a file that is the first to end, as Unix times in seconds.
struct CertificateEnd {
  // `kind` is "server", "client_ca" or "operator_ca". The last one has no not_before.
  static CertificateEnd In(Metrics& metrics, absl::string_view kind);

  Gauge not_before;
  Gauge not_after;
};

// The metrics of the certificates that the server presents and checks.
struct CertificateMetrics {
  static CertificateMetrics In(Metrics& metrics, bool authenticates_clients);

  // Of the certificate, its key and the client authorities.
  ReloadMetrics reload;
  // When the set in use was loaded, as a Unix time in seconds.
  Gauge loaded;
  // The server's certificate and its intermediate certificates.
  CertificateEnd server;
  // Has no effect unless clients are authenticated.
  CertificateEnd client_ca;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_CERTIFICATE_METRICS_H_
