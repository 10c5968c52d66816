// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/certificate_metrics.h"

#include <string>

namespace uid2 {

CertificateEnd CertificateEnd::In(Metrics& metrics, absl::string_view kind) {
  const Metrics::Labels labels = {{"kind", std::string(kind)}};
  CertificateEnd group;
  if (kind != "operator_ca") {
    group.not_before =
        metrics.AddGauge("tls_cert_not_before_seconds",
                         "When the certificate that ends first begins, as a Unix time.", labels);
  }
  group.not_after =
      metrics.AddGauge("tls_cert_not_after_seconds",
                       "When the first certificate of the file ends, as a Unix time.", labels);
  return group;
}

CertificateMetrics CertificateMetrics::In(Metrics& metrics, bool authenticates_clients) {
  CertificateMetrics group;
  group.reload = ReloadMetrics::In(metrics, "certificate",
                                   "the server's certificate, key and client authorities");
  group.loaded = metrics.AddGauge("certificate_loaded_timestamp_seconds",
                                  "When the certificates in use were loaded, as a Unix time.");
  group.server = CertificateEnd::In(metrics, "server");
  if (authenticates_clients) group.client_ca = CertificateEnd::In(metrics, "client_ca");
  return group;
}

}  // namespace uid2
