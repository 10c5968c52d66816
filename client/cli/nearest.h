// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_NEAREST_H_
#define CLIENT_CLI_NEAREST_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace uid2::cli {

// The candidate that was most likely meant by `word`: the one with the fewest letters that are
// wrong, missing, added or swapped with their neighbor. Empty if no candidate is near.
absl::string_view Nearest(absl::string_view word, const std::vector<absl::string_view>& candidates);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_NEAREST_H_
