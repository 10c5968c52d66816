#ifndef CLIENT_CLI_NEAREST_H_
#define CLIENT_CLI_NEAREST_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace uid2::cli {

// The one of `candidates` that somebody who typed `word` most likely meant: the fewest letters
// typed wrong, left out, added or swapped with their neighbour. Empty where none is near.
absl::string_view Nearest(absl::string_view word, const std::vector<absl::string_view>& candidates);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_NEAREST_H_
