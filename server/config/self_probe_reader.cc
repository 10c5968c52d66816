// SPDX-License-Identifier: Apache-2.0

#include "server/config/self_probe_reader.h"

namespace uid2 {

void ReadSelfProbe(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const identity::config::v1::SelfProbe& config = source.config().self_probe();
  ConfigChecker probe = check.Nested("self_probe", config);
  SelfProbeOptions& options = result.self_probe;
  options.interval = probe.Duration("interval", config.has_interval(), config.interval(),
                                    options.interval, absl::Milliseconds(100), absl::Minutes(1));
  options.timeout = probe.Duration("timeout", config.has_timeout(), config.timeout(),
                                   options.timeout, absl::Milliseconds(10), absl::Minutes(1));
  options.failures =
      probe.Number("failures", config.has_failures(), config.failures(), options.failures, 0, 100);
}

}  // namespace uid2
