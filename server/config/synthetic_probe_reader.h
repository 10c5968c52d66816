// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_SYNTHETIC_PROBE_READER_H_
#define SERVER_CONFIG_SYNTHETIC_PROBE_READER_H_

#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"

namespace uid2 {

// Reads whether and how operators are probed with their own test users.
void ReadSyntheticProbe(const ConfigSource& source, ConfigChecker& check, Configuration& result);

}  // namespace uid2

#endif  // SERVER_CONFIG_SYNTHETIC_PROBE_READER_H_
