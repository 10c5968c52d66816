// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_FLAG_VALUE_H_
#define CLIENT_CLI_FLAG_VALUE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {

// Whether the flag `name` identifies a user or carries a user's consent. Only these may be empty:
// the command then reports that, instead of looking for the user elsewhere.
bool IsUserFlag(absl::string_view name);

// Sets the Abseil flag `name`, which must exist. `origin` says where the value is from, such as
// "--kind" or "IDENTITYCTL_KIND".
//
// The message of kInvalidArgument begins with `origin` and says which values are possible. It never
// contains the value, which may be a user's email. An empty value is an error, because it usually
// comes from a script's variable that is not set: without this, --ca="$CA" would turn TLS off.
absl::Status SetFlag(absl::string_view name, const std::string& value, absl::string_view origin);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_FLAG_VALUE_H_
