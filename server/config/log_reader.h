// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_LOG_READER_H_
#define SERVER_CONFIG_LOG_READER_H_

#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"

namespace uid2 {

// Reads what is logged.
void ReadLog(const ConfigSource& source, ConfigChecker& check, Configuration& result);

}  // namespace uid2

#endif  // SERVER_CONFIG_LOG_READER_H_
