// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_CERTIFICATE_METRICS_H_
#define SERVER_TELEMETRY_CERTIFICATE_METRICS_H_

#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The metrics of the certificates that the server presents and checks.
struct CertificateMetrics {
  static CertificateMetrics In(Metrics& metrics);

  // Changes to the certificate files that are in use, and those that could not be used. Content
  // that stays unusable counts once.
  Counter reloads;
  Counter reload_failures;
  // When the server's certificate, or the first of its intermediate certificates, ends: seconds
  // since 1970. 0 if TLS is not served.
  Gauge ends;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_CERTIFICATE_METRICS_H_
