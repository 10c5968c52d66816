// SPDX-License-Identifier: Apache-2.0

#include "client/cli/environment.h"

#include <cstdlib>

namespace uid2::cli {

absl::optional<std::string> Variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return absl::nullopt;
  return std::string(value);
}

}  // namespace uid2::cli
