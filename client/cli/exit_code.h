// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_EXIT_CODE_H_
#define CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace uid2::cli {

// identityctl's exit codes. Scripts depend on the numbers, so they never change. Those from 64 on
// are from sysexits.h. `doctor` has its own codes: 0, 1 for warnings, 2 for errors.
enum ExitCode : int {
  kExitOk = 0,
  kExitOptedOut = 3,
  kExitInsufficientConsent = 4,
  kExitLoginRequired = 5,
  // The command line is wrong.
  kExitUsage = 64,
  // The input in a flag or on stdin is not a valid email, phone, identity ...
  kExitBadInput = 65,
  // A file cannot be read.
  kExitNoInput = 66,
  // The service or the operator does not answer or is too busy; a later retry may succeed.
  kExitUnavailable = 69,
  // The service or the operator violated its protocol.
  kExitInternal = 70,
  // The output could not be written.
  kExitCannotWrite = 74,
  // The service does not allow this caller.
  kExitNotAllowed = 77,
  // The service's own credentials or clock are wrong; `identityctl doctor` says how to fix them.
  kExitCredentials = 78,
};

// The exit code for a call that ended with `status`.
ExitCode ExitCodeOf(const absl::Status& status);

// The exit code if input that was read or checked here failed with `status`: see input.h.
ExitCode ExitCodeOfInput(const absl::Status& status);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_EXIT_CODE_H_
