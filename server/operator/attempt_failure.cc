// SPDX-License-Identifier: Apache-2.0

#include "server/operator/attempt_failure.h"

namespace uid2 {

absl::Status AttemptFailure::ToStatus() const {
  if (reason != identity::v1::ERROR_REASON_UNSPECIFIED) {
    return retry_after.has_value() ? MakeRetryableError(reason, message, *retry_after)
                                   : MakeError(reason, message, field);
  }
  switch (kind) {
    case FailureKind::kCancelled:
      return absl::CancelledError(message);
    case FailureKind::kTimeout:
      return absl::DeadlineExceededError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace uid2
