// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_OFFLINE_COMMANDS_H_
#define CLIENT_CLI_OFFLINE_COMMANDS_H_

#include "client/cli/command_line.h"
#include "client/cli/console.h"
#include "client/cli/exit_code.h"
#include "server/call/clock.h"

// Commands that answer without the service.
namespace uid2::cli {

// Prints what an identity's tokens and times say.
ExitCode RunInspect(const CommandLine& line, const Clock& clock, const Console& console);

// Prints what the service would hash for a user, or why it would refuse.
ExitCode RunNormalize(const CommandLine& line, const Clock& clock, const Console& console);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_OFFLINE_COMMANDS_H_
