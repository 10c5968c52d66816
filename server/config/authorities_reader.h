// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_AUTHORITIES_READER_H_
#define SERVER_CONFIG_AUTHORITIES_READER_H_

#include <string>

#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"

namespace uid2 {

// Loads the certificate authorities: those of ca_file or, if it is not set and an operator is
// called over TLS, those in the file `system_authorities`.
void ReadAuthorities(const ConfigSource& source, const std::string& system_authorities,
                     ConfigChecker& check, Configuration& result);

}  // namespace uid2

#endif  // SERVER_CONFIG_AUTHORITIES_READER_H_
