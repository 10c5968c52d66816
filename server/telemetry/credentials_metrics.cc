// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/credentials_metrics.h"

#include <string>

namespace uid2 {
CredentialsMetrics CredentialsMetrics::In(Metrics& metrics, absl::string_view participant) {
  const Metrics::Labels labels = {{"participant", std::string(participant)}};
  CredentialsMetrics group;
  group.reload = ReloadMetrics::In(metrics, "credential", "the files of credentials", labels);
  group.loaded = metrics.AddGauge("credential_loaded_timestamp_seconds",
                                  "When the credentials in use were read, as a Unix time.", labels);
  return group;
}

}  // namespace uid2
