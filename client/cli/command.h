// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_COMMAND_H_
#define CLIENT_CLI_COMMAND_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace uid2::cli {

// One of identityctl's commands, for the help, the completion scripts and the command-line parser.
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
  // What the help calls the argument that may follow its name: "FILE" or "SHELL"; empty if the
  // command takes flags only.
  absl::string_view argument;
  // The possible values of the argument, unless it is a file.
  std::vector<absl::string_view> words;
};

// In the order in which the help lists them.
const std::vector<Command>& Commands();

// Null if there is no such command.
const Command* FindCommand(absl::string_view name);

// The possible values of a flag: words separated by spaces, or "file".
struct FlagValues {
  absl::string_view flag;
  absl::string_view values;
};
const std::vector<FlagValues>& CompletableFlags();

}  // namespace uid2::cli

#endif  // CLIENT_CLI_COMMAND_H_
