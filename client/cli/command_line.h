// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_COMMAND_LINE_H_
#define CLIENT_CLI_COMMAND_LINE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"

namespace uid2::cli {

struct CommandLine {
  enum class Wish { kRun, kHelp, kVersion };

  Wish wish = Wish::kRun;
  // Null with kVersion, and with kHelp if no command was named.
  const Command* command = nullptr;
  // The argument after the command's name, if the command takes one; "" if there was none.
  std::string word;
  // The names of the flags that are set. A flag that is set to "" is set.
  std::set<std::string> flags;
  // The values of --header, which may be repeated.
  std::vector<std::string> headers;
};

// Parses the arguments after the program's name and sets the Abseil flags that they name. A command
// accepts only its own flags. "-" and "_" are equivalent in a flag's name, and so are
// `--name=value` and `--name value`; a value that begins with "--" needs the first form, because in
// the second it is most likely the next flag after a variable that is not set. -H and -v are short
// for --header and --verbose.
//
// Abseil's own parser is not used: it exits with 1, does not know commands, and lists every flag
// that is linked in. Abseil still looks up the flags and parses their values.
//
// The message of kInvalidArgument says what is wrong and suggests the nearest name for an unknown
// one. It never contains a value, because values may be users' emails.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

// Whether `arguments` ask for JSON, even if they cannot be parsed: a program that reads JSON must
// get its error as JSON too.
bool AsksForJson(const std::vector<std::string>& arguments);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_COMMAND_LINE_H_
