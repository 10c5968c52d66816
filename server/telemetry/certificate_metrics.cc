// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/certificate_metrics.h"

namespace uid2 {
CertificateMetrics CertificateMetrics::In(Metrics& metrics) {
  const auto reload = [&metrics](const char* result) {
    return metrics.AddCounter(
        "certificate_reload_total",
        "Changes of the server's certificate, key and client authorities, by result.",
        {{"result", result}});
  };
  CertificateMetrics group;
  group.reloads = reload("success");
  group.reload_failures = reload("failure");
  group.ends = metrics.AddGauge("certificate_end_timestamp_seconds",
                                "When the server's certificate ends, in seconds since 1970.");
  return group;
}

}  // namespace uid2
