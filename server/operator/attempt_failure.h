// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_ATTEMPT_FAILURE_H_
#define SERVER_OPERATOR_ATTEMPT_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "server/operator/failure_kind.h"
#include "server/status/reason.h"

namespace uid2 {

// How one attempt at an operator call failed: `kind` and `retry_after` for the code that retries,
// throttles and ejects addresses, the rest for the caller.
//
// `message` reaches the caller. It never contains any part of a request or a reply. Members have
// initializers so that designated ones may be left out.
struct AttemptFailure {
  FailureKind kind = FailureKind::kRejected;
  // Unspecified if the caller has gone, if its own deadline has passed, and for internal errors.
  Reason reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  std::string message = {};
  // The field of the caller's request at fault, as the .proto file spells it; empty if none is.
  std::string field = {};
  // How long the operator has asked us to wait.
  absl::optional<absl::Duration> retry_after = {};

  // What callers of TokenApi get: an error with the reason or, without one, kCancelled,
  // kDeadlineExceeded or kInternal.
  absl::Status ToStatus() const;
};

// What an attempt ends with: the operator's reply, or how it failed.
template <typename Reply>
using AttemptResult = absl::variant<Reply, AttemptFailure>;

// Null if the attempt succeeded. Valid as long as `result`.
template <typename Reply>
const AttemptFailure* FailureOf(const AttemptResult<Reply>& result) {
  return absl::get_if<AttemptFailure>(&result);
}

}  // namespace uid2

#endif  // SERVER_OPERATOR_ATTEMPT_FAILURE_H_
