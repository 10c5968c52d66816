// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/pasted_line.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace uid2 {

bool IsQuoted(absl::string_view text) {
  constexpr absl::string_view kQuotes = "\"'`";
  return absl::StrContains(kQuotes, text.front()) || absl::StrContains(kQuotes, text.back());
}

bool IsAssignment(absl::string_view text) {
  const auto* const end = std::find_if_not(
      text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
  if (end == text.begin() || end == text.end() || (*end != '=' && *end != ':')) return false;
  return text.substr(static_cast<size_t>(end - text.begin())).find_first_not_of("=:") !=
         absl::string_view::npos;
}

}  // namespace uid2
