// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_IDENTITY_INPUT_H_
#define CLIENT_CLI_IDENTITY_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {

// Returns the identity's JSON in `text`, without the white space around it. `text` is that JSON, or
// an object with the identity as "identity", as --output=json and `batch` print it. What is neither
// is returned as it is, because the service says best what is wrong with it.
//
// Fails with kInvalidArgument, without quoting the input, if there is nothing in `text`, if it is
// the result of a call that gave no identity, or if it is not UTF-8.
absl::StatusOr<std::string> IdentityIn(absl::string_view text);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_IDENTITY_INPUT_H_
