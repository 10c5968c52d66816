// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_COMMANDS_H_
#define CLIENT_CLI_CALL_COMMANDS_H_

#include <string>

#include "client/cli/console.h"
#include "client/cli/exit_code.h"
#include "client/cpp/call_options.h"
#include "client/cpp/identity_client.h"
#include "server/call/clock.h"

namespace uid2::cli {

// What all commands that call the service need.
struct CallEnvironment {
  client::IdentityClient& client;
  const Clock& clock;
  // Used in messages.
  std::string address;
  // With a report.
  client::CallOptions options;
  // Whether to print the report.
  bool verbose = false;
  const Console& console;
};

ExitCode RunGenerate(const client::IdentityClient::GenerateRequest& request,
                     const CallEnvironment& environment);
ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    const CallEnvironment& environment);
// `wait`: until the service accepts calls, or the time limit ends.
ExitCode RunHealth(bool wait, const CallEnvironment& environment);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_COMMANDS_H_
