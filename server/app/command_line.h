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

// Parses `arguments`, which must not include the program's name, and sets the Abseil flags in
// `flags` that occur. `--name=value` and `--name value` are the same, as are "-" and "_" in names.
// Arguments after --help or --version are ignored.
//
// Fails with kInvalidArgument for an unknown flag, an invalid value or an unexpected argument; the
// message says what to do.
//
// Abseil's own parser is not used, because it exits with 1 on a wrong flag and on --help, and adds
// a dozen flags. Abseil still finds the flags and parses their values.
absl::StatusOr<CommandLineRequest> ParseCommandLine(const std::vector<std::string>& arguments,
                                                    absl::Span<const absl::string_view> flags);

// Returns one paragraph for each of `flags`, with its default, wrapped at 80 columns.
std::string FlagsHelp(absl::Span<const absl::string_view> flags);

}  // namespace uid2

#endif  // SERVER_APP_COMMAND_LINE_H_
