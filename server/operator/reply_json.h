// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_REPLY_JSON_H_
#define SERVER_OPERATOR_REPLY_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/identity/identity.h"

namespace uid2 {

// The JSON of the operator's replies, sealed or not: a status and, if that is "success", an
// identity as `body`.
struct ReplyJson {
  std::string status;
  // The operator's explanation of a client_error. Use it to tell errors apart, but never pass it
  // on: we do not control what it contains.
  std::string message;
  // Not set if `body` is not an object; an error if the object lacks a field of an identity.
  absl::optional<absl::StatusOr<Identity>> body;
};

// Fails with kInvalidArgument if `json` is not an object with a string `status`, or if a field of
// the identity has the wrong type.
absl::StatusOr<ReplyJson> ParseReplyJson(absl::string_view json);

// Returns exactly what ParseReplyJson() does, for a tenth of its cost, or nothing. Operators' own
// replies are read; anything unusual, valid or not, is left to RapidJSON: white space, escapes,
// characters that are not ASCII, nested values, names that appear twice, wrong types.
absl::optional<ReplyJson> ReadPlainReply(absl::string_view json);

}  // namespace uid2

#endif  // SERVER_OPERATOR_REPLY_JSON_H_
