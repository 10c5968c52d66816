// SPDX-License-Identifier: Apache-2.0

#include "server/config/synthetic_probe_reader.h"

namespace uid2 {

void ReadSyntheticProbe(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  if (!source.config().has_synthetic_probe()) return;
  const identity::config::v1::SyntheticProbe& config = source.config().synthetic_probe();
  ConfigChecker probe = check.Nested("synthetic_probe", config);
  SyntheticProbeOptions& options = result.synthetic_probe.emplace();
  options.interval = probe.Duration("interval", config.has_interval(), config.interval(),
                                    options.interval, absl::Seconds(1), absl::Hours(1));
  options.timeout = probe.Duration("timeout", config.has_timeout(), config.timeout(),
                                   options.timeout, absl::Milliseconds(10), absl::Minutes(1));
}

}  // namespace uid2
