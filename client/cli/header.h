// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_HEADER_H_
#define CLIENT_CLI_HEADER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/call/clock.h"

namespace uid2::cli {

// Names in lower case, and values, as gRPC sends them.
using Headers = std::vector<std::pair<std::string, std::string>>;

// Parses the arguments of -H: "NAME: VALUE", or "@FILE" with one such line per header, for values
// that must not be in the process list. The value of a name that ends in "-bin" is base64. Blank
// lines and lines that begin with "#" are ignored. Reading a file ends with `limit`.
//
// The message of kInvalidArgument says what is wrong, and that of kNotFound which file cannot be
// read. Neither contains a value, which may be a password.
absl::StatusOr<Headers> ParseHeaders(const std::vector<std::string>& arguments,
                                     absl::Duration limit, const Clock& clock);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_HEADER_H_
