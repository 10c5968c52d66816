// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/credentials_metrics.h"

#include <string>

namespace uid2 {
CredentialsMetrics CredentialsMetrics::In(Metrics& metrics, absl::string_view participant) {
  const std::string name(participant);
  const auto reload = [&](const char* result) {
    return metrics.AddCounter("credential_reload_total",
                              "Changes of the files of credentials, by result.",
                              {{"participant", name}, {"result", result}});
  };
  CredentialsMetrics group;
  group.reloads = reload("success");
  group.reload_failures = reload("failure");
  group.loaded = metrics.AddGauge("credential_loaded_timestamp_seconds",
                                  "When the credentials in use were read, as a Unix time.",
                                  {{"participant", name}});
  return group;
}

}  // namespace uid2
