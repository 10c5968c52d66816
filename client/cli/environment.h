// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_ENVIRONMENT_H_
#define CLIENT_CLI_ENVIRONMENT_H_

#include <string>

#include "absl/types/optional.h"

namespace uid2::cli {

// The environment variable `name`; nullopt if it is not set. A variable may be set to "".
absl::optional<std::string> Variable(const std::string& name);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_ENVIRONMENT_H_
