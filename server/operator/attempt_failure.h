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
  // Unspecified if the caller has gone away, if its own deadline has passed, and for internal
  // errors.
  Reason reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  std::string message = {};
  // The invalid field of the caller's request, as in the .proto file; empty if none is invalid.
  std::string field = {};
  // How long the operator has asked us to wait.
  absl::optional<absl::Duration> retry_after = {};

  // Returns the error that callers of TokenApi get: one with the reason or, if there is none,
  // kCancelled, kDeadlineExceeded or kInternal.
  absl::Status ToStatus() const;
};

// The result of an attempt: the operator's reply or the failure.
template <typename Reply>
using AttemptResult = absl::variant<Reply, AttemptFailure>;

// Null if the attempt succeeded. Valid as long as `result`.
template <typename Reply>
const AttemptFailure* FailureOf(const AttemptResult<Reply>& result) {
  return absl::get_if<AttemptFailure>(&result);
}

}  // namespace uid2

#endif  // SERVER_OPERATOR_ATTEMPT_FAILURE_H_
