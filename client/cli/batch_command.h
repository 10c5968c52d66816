// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BATCH_COMMAND_H_
#define CLIENT_CLI_BATCH_COMMAND_H_

#include "client/cli/call_environment.h"
#include "client/cli/command_line.h"
#include "client/cli/exit_code.h"

namespace uid2::cli {

// Reads users from the file that `line` names, or stdin, and makes a call for each.
ExitCode RunBatch(const CommandLine& line, const CallEnvironment& environment);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BATCH_COMMAND_H_
