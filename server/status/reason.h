// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_STATUS_REASON_H_
#define SERVER_STATUS_REASON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "uid2/identity/v1/error_reason.pb.h"

namespace uid2 {

// Why a call failed. This is the public enum, so a reason has the same name in the layer that
// reports it and for the caller that reads it.
using Reason = identity::v1::ErrorReason;

// The domain of google.rpc.ErrorInfo in the service's errors.
constexpr char kErrorDomain[] = "uid2.identity";

// Returns an error with `reason`. The table in error_reason.proto maps each reason to a canonical
// code, so the two cannot disagree.
//
// `message` reaches the caller. It is a lower-case fragment that says what to do next, and must
// never contain DII, a token, a key or anything that the operator sent. `field` is the name of the
// invalid request field, as in the .proto file.
absl::Status MakeError(Reason reason, absl::string_view message, absl::string_view field = "");

// The same, with the time that the caller should wait before it retries.
absl::Status MakeRetryableError(Reason reason, absl::string_view message,
                                absl::Duration retry_after);

// Returns ERROR_REASON_UNSPECIFIED for OK and for a status that was not made by MakeError() or
// MakeRetryableError().
Reason ReasonOf(const absl::Status& status);

// Empty if no field is at fault.
std::string FieldOf(const absl::Status& status);

absl::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The canonical code that callers see for `reason`.
absl::StatusCode CodeOf(Reason reason);

// Whether the call failed although the caller is not at fault and this replica is not too busy.
// With such a reason, a refresh keeps an identity whose advertising token has not expired.
bool IsOperatorSide(Reason reason);

}  // namespace uid2

#endif  // SERVER_STATUS_REASON_H_
