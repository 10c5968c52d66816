// SPDX-License-Identifier: Apache-2.0

#include "client/cli/report_text.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace uid2::cli {
namespace {

// Enough to tell a token's version and environment, too little to use it.
constexpr size_t kShown = 8;

}  // namespace

void AppendLine(std::string& text, absl::string_view name, absl::string_view value) {
  absl::StrAppend(&text, absl::StrFormat("%-20s %s\n", name, value));
}

std::string Shortened(const std::string& token) {
  if (token.size() <= 4 * kShown) return absl::StrCat("(", token.size(), " characters)");
  return absl::StrCat(token.substr(0, kShown), "... (", token.size(), " characters)");
}

std::string Instant(int64_t unix_ms, absl::Time now) {
  const absl::Time time = absl::FromUnixMillis(unix_ms);
  const absl::Duration away = absl::Trunc(time - now, absl::Seconds(1));
  const std::string relative = away >= absl::ZeroDuration()
                                   ? absl::StrCat("in ", absl::FormatDuration(away))
                                   : absl::StrCat(absl::FormatDuration(-away), " ago");
  return absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()), " (",
                      relative, ")");
}

}  // namespace uid2::cli
