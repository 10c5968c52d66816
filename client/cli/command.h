// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_COMMAND_H_
#define CLIENT_CLI_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2::cli {

// One of identityctl's commands, for the help, the completion script and the command-line parser.
struct Command {
  absl::string_view name;
  // One line without a period.
  absl::string_view summary;
  // What the command does, reads and prints.
  absl::string_view description;
  // Command lines to copy.
  absl::string_view examples;
  // The names of its flags, in the order in which the help lists them.
  std::vector<absl::string_view> flags;
  // The arguments that may follow its name; empty if there are none.
  std::vector<absl::string_view> words;
};

// In the order in which the help lists them.
const std::vector<Command>& Commands();

// Null if there is no such command.
const Command* FindCommand(absl::string_view name);

// The values that completion offers for a flag: words separated by spaces, or "file".
struct FlagValues {
  absl::string_view flag;
  absl::string_view values;
};
const std::vector<FlagValues>& CompletableFlags();

// The help for identityctl itself: a list of its commands.
std::string ShortUsage();

// The full help for `command`, including its flags.
std::string HelpOf(const Command& command);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_COMMAND_H_
