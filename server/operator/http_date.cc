// SPDX-License-Identifier: Apache-2.0

#include "server/operator/http_date.h"

#include <string>

namespace uid2 {
namespace {

// Servers send the first form. The others are obsolete but must be accepted.
constexpr const char* kFormats[] = {
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
};

}  // namespace

absl::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  for (const char* format : kFormats) {
    absl::Time date;
    std::string error;
    if (!absl::ParseTime(format, text, absl::UTCTimeZone(), &date, &error)) continue;
    // Abseil accepts "infinite-future" as a time in any format.
    if (date == absl::InfiniteFuture() || date == absl::InfinitePast()) return absl::nullopt;
    return date;
  }
  return absl::nullopt;
}

}  // namespace uid2
