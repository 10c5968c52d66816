// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_HELP_H_
#define CLIENT_CLI_HELP_H_

#include <string>

#include "client/cli/command.h"

namespace uid2::cli {

// The help for identityctl itself: a list of its commands, an example, and the exit codes.
std::string ShortUsage();

// The full help for `command`, including its flags.
std::string HelpOf(const Command& command);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_HELP_H_
