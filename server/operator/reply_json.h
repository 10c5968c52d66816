#ifndef SERVER_OPERATOR_REPLY_JSON_H_
#define SERVER_OPERATOR_REPLY_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/identity/identity.h"

namespace uid2 {

// The JSON that the operator answers with, sealed or in the clear: status and, with "success",
// an identity as `body`.
struct ReplyJson {
  std::string status;
  // The operator's explanation of a client_error. May quote nothing of the caller's, but is the
  // operator's text all the same: for telling errors apart, not for passing on.
  std::string message;
  // Absent where `body` is no object; an error where the object lacks a field of an identity.
  absl::optional<absl::StatusOr<Identity>> body;
};

// kInvalidArgument where `json` is not an object with a string `status`, or where a field of the
// identity is of the wrong kind.
absl::StatusOr<ReplyJson> ParseReplyJson(absl::string_view json);

}  // namespace uid2

#endif  // SERVER_OPERATOR_REPLY_JSON_H_
