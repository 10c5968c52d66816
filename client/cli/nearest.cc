// SPDX-License-Identifier: Apache-2.0

#include "client/cli/nearest.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"

namespace uid2::cli {
namespace {

// The optimal string alignment distance. Words are short, so the whole table is kept.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      const size_t substituted = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      table[i][j] = std::min({substituted, table[i - 1][j] + 1, table[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

}  // namespace

absl::string_view Nearest(absl::string_view word,
                          const std::vector<absl::string_view>& candidates) {
  // Longer words cannot be misspelled flags, and the table grows with their length.
  constexpr size_t kLongest = 64;
  if (word.size() > kLongest) return "";
  absl::string_view best;
  size_t best_distance = word.size() / 3 + 2;
  for (const absl::string_view candidate : candidates) {
    // An unfinished word is near too.
    const size_t distance =
        word.size() >= 2 && absl::StartsWith(candidate, word) ? 1 : Distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace uid2::cli
