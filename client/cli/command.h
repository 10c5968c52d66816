#ifndef CLIENT_CLI_COMMAND_H_
#define CLIENT_CLI_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2::cli {

// One of identityctl's commands, as its help, its completion and its command line know it.
struct Command {
  absl::string_view name;
  // One line, without period.
  absl::string_view summary;
  // What it does, reads and prints.
  absl::string_view description;
  // Lines to copy.
  absl::string_view examples;
  // The flags that it takes, by name, in the order of its help.
  std::vector<absl::string_view> flags;
  // What may stand behind its name; empty: nothing.
  std::vector<absl::string_view> words;
};

// In the order of the help.
const std::vector<Command>& Commands();

// Null where there is none of this name.
const Command* FindCommand(absl::string_view name);

// What a flag's value is, for completion: the words that it may be, or "file".
struct FlagValues {
  absl::string_view flag;
  absl::string_view values;
};
const std::vector<FlagValues>& CompletableFlags();

// Without a command: what there is, in a screenful.
std::string ShortUsage();

// Everything about `command`, with the help of its flags.
std::string HelpOf(const Command& command);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_COMMAND_H_
