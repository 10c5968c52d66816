// SPDX-License-Identifier: Apache-2.0

#include "client/cli/exit_code.h"

namespace uid2::cli {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
      return kExitBadInput;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return kExitUnavailable;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kExitNotAllowed;
    case absl::StatusCode::kFailedPrecondition:
      return kExitCredentials;
    default:
      return kExitInternal;
  }
}

ExitCode ExitCodeOfInput(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ? kExitNoInput : ExitCodeOf(status);
}

}  // namespace uid2::cli
