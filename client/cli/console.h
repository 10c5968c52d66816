// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CONSOLE_H_
#define CLIENT_CLI_CONSOLE_H_

#include <ostream>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/exit_code.h"

namespace uid2::cli {

enum class OutputForm {
  // For people, with shortened secrets.
  kText,
  // For programs, in full.
  kJson,
  // Only the identity's JSON; nothing if there is no identity.
  kIdentityOnly,
};

// Where a command writes. Results go to `out`, problems and prompts to `err`. With kJson, a problem
// goes to both: a program finds {"error":{...}} where it expects the result.
struct Console {
  std::ostream& out;
  std::ostream& err;
  OutputForm form = OutputForm::kText;

  // The command line is wrong, or a variable or profile that adds to it. Returns kExitUsage.
  ExitCode WrongUsage(absl::string_view problem) const;

  // Something that was named on the command line cannot be read, or is wrong (kInvalidArgument).
  // Returns kExitNoInput, or kExitUsage, or kExitBadInput if the status has a reason.
  ExitCode FailSetup(const absl::Status& status) const;

  // The input is wrong or cannot be read. Returns ExitCodeOfInput().
  ExitCode FailInput(const absl::Status& status) const;

  // The command failed without a call to the service. Returns `code`.
  ExitCode Fail(ExitCode code, const absl::Status& status) const;

  // A call to the service failed. `advice` says how to fix it, or is empty.
  ExitCode FailCall(const absl::Status& status, absl::string_view advice) const;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CONSOLE_H_
