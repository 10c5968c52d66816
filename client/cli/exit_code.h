#ifndef CLIENT_CLI_EXIT_CODE_H_
#define CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace uid2::cli {

// What identityctl ends with; scripts depend on the numbers, so they never change. From 64 on they
// are those of sysexits.h. `doctor` has its own: 0, 1 with warnings, 2 with errors.
enum ExitCode : int {
  kExitOk = 0,
  kExitOptedOut = 3,
  kExitInsufficientConsent = 4,
  kExitLoginRequired = 5,
  // The command line.
  kExitUsage = 64,
  // What was given in a flag or on stdin is not an email, phone, identity ...
  kExitBadInput = 65,
  // A file cannot be read.
  kExitNoInput = 66,
  // The service or the operator does not answer, or is too busy; a later try may succeed.
  kExitUnavailable = 69,
  // The service or the operator broke its protocol.
  kExitInternal = 70,
  // Output could not be written.
  kExitCannotWrite = 74,
  // The service does not let this caller in.
  kExitNotAllowed = 77,
  // The service's own credentials or clock: somebody must mend them, see `identityctl doctor`.
  kExitCredentials = 78,
};

// For a call that failed with `status`.
ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_EXIT_CODE_H_
