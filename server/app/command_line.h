// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_COMMAND_LINE_H_
#define SERVER_APP_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace uid2 {

enum class CommandLineRequest { kRun, kHelp, kVersion };

// Reads `arguments`, without the program's name, and sets those of the Abseil flags named in
// `flags` that occur. `--name=value` and `--name value` are the same, as are "-" and "_" in names;
// --help and --version win over what follows them.
//
// kInvalidArgument for an unknown flag, a bad value or a stray word; the message says what to do.
//
// Abseil's own parser is not used: it exits with 1 on a wrong flag and on --help, and adds a dozen
// flags of its own. Flags are found, and values parsed, by Abseil.
absl::StatusOr<CommandLineRequest> ParseCommandLine(const std::vector<std::string>& arguments,
                                                    absl::Span<const absl::string_view> flags);

// One paragraph for each of `flags`, with its default, wrapped at 80 columns.
std::string FlagsHelp(absl::Span<const absl::string_view> flags);

}  // namespace uid2

#endif  // SERVER_APP_COMMAND_LINE_H_
