// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_COMMANDS_H_
#define CLIENT_CLI_CALL_COMMANDS_H_

#include "client/cli/call_environment.h"
#include "client/cli/exit_code.h"
#include "client/cpp/identity_client.h"

namespace uid2::cli {

ExitCode RunGenerate(const client::IdentityClient::GenerateRequest& request,
                     const CallEnvironment& environment);
ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    const CallEnvironment& environment);
// `wait`: until the service accepts calls, or the time limit ends.
ExitCode RunHealth(bool wait, const CallEnvironment& environment);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_COMMANDS_H_
