#ifndef SERVER_STATUS_REASON_H_
#define SERVER_STATUS_REASON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "uid2/identity/v1/error_reason.pb.h"

namespace uid2 {

// Why a call failed: the public enum, so that a reason has one name from the layer that finds
// it to the caller that reads it.
using Reason = identity::v1::ErrorReason;

// A failure with its reason attached. The canonical code follows from the reason by the table
// in error_reason.proto, so that the two cannot disagree.
//
// `message` reaches the caller: a lower-case fragment that says what to do next, and never DII,
// a token, a key or anything that the operator sent. `field` names the request's field at fault,
// as the .proto file spells it.
absl::Status MakeError(Reason reason, absl::string_view message, absl::string_view field = "");

// The same with the time that the caller should wait before trying again.
absl::Status MakeRetryableError(Reason reason, absl::string_view message,
                                absl::Duration retry_after);

// `status` with " (note)" behind its message, and all that it carries. It is not OK.
absl::Status WithRetryContext(const absl::Status& status, absl::string_view note);

// ERROR_REASON_UNSPECIFIED for OK and for a status that MakeError did not make.
Reason ReasonOf(const absl::Status& status);

// Empty where no field is at fault.
std::string FieldOf(const absl::Status& status);

absl::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The canonical code that callers see for `reason`.
absl::StatusCode CodeOf(Reason reason);

// Whether the fault is neither the caller's nor this replica's being busy: with such a reason a
// refresh keeps an identity whose advertising token is still good.
bool IsOperatorSide(Reason reason);

}  // namespace uid2

#endif  // SERVER_STATUS_REASON_H_
