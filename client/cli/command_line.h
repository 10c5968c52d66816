#ifndef CLIENT_CLI_COMMAND_LINE_H_
#define CLIENT_CLI_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"

namespace uid2::cli {

struct CommandLine {
  enum class Wish { kRun, kHelp, kVersion };

  Wish wish = Wish::kRun;
  // Null with kVersion, and with kHelp where no command was named.
  const Command* command = nullptr;
  // What stood behind the command's name, if it takes words.
  std::vector<std::string> words;
};

// Reads what stands behind the program's name and sets the Abseil flags that it names. A command
// takes its own flags only; "-" and "_" in their names are the same; `--name=value` and
// `--name value` too.
//
// Abseil's own parser ends the process with 1, knows no commands, and prints every flag that is
// linked in; values are read, and flags found, by Abseil.
//
// kInvalidArgument says what is wrong, and the nearest name where one is unknown. Values are not
// repeated: they may be users' emails.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_COMMAND_LINE_H_
