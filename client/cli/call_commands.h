// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_COMMANDS_H_
#define CLIENT_CLI_CALL_COMMANDS_H_

#include <string>

#include "absl/time/time.h"
#include "client/cli/console.h"
#include "client/cli/exit_code.h"
#include "client/cpp/identity_client.h"
#include "server/call/clock.h"

namespace uid2::cli {

// What all commands that call the service need.
struct CallEnvironment {
  client::IdentityClient& client;
  const Clock& clock;
  // Used in messages.
  std::string address;
  absl::Duration timeout;
  const Console& console;
};

ExitCode RunGenerate(const client::IdentityClient::GenerateRequest& request,
                     const CallEnvironment& environment);
ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    const CallEnvironment& environment);
ExitCode RunHealth(const CallEnvironment& environment);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_COMMANDS_H_
