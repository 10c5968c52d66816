// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_TLS_READER_H_
#define SERVER_CONFIG_TLS_READER_H_

#include "absl/time/time.h"
#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"
#include "uid2/identity/config/v1/server_config.pb.h"

namespace uid2 {

// Whether clients must present a certificate.
bool AuthenticatesClients(const identity::config::v1::ServerConfig& config);

// Reads how TLS is served, and checks the certificates, which must be valid at `now`. Writes
// nothing to the runtime_dir.
void ReadTls(const ConfigSource& source, absl::Time now, ConfigChecker& check,
             Configuration& result);

}  // namespace uid2

#endif  // SERVER_CONFIG_TLS_READER_H_
