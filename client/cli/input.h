// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_INPUT_H_
#define CLIENT_CLI_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/call/clock.h"

namespace uid2::cli {

// Reads `descriptor` to its end. A byte order mark at the beginning is removed. `name` is used in
// messages, which never quote the input.
//
// Fails with kDeadlineExceeded if the input has not ended within `limit`, with kNotFound if it
// cannot be read, and with kInvalidArgument if it is far larger than any user or identity.
absl::StatusOr<std::string> ReadToEnd(int descriptor, absl::string_view name, absl::Duration limit,
                                      const Clock& clock);

// Reads the file `path`, or stdin if `path` is empty or "-". Fails like ReadToEnd(). If
// stdin is a terminal, prints `prompt` to stderr.
absl::StatusOr<std::string> ReadInput(const std::string& path, absl::string_view prompt,
                                      absl::Duration limit, const Clock& clock);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_INPUT_H_
