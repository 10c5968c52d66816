#include "server/operator/retry_after.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace uid2 {
namespace {

constexpr absl::Duration kLongestWait = absl::Hours(24);

// The three forms of RFC 9110, 5.6.7, of which servers send the first.
constexpr const char* kDateFormats[] = {
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
};

absl::optional<absl::Duration> ParseWait(absl::string_view text, absl::Time now) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    int64_t seconds;
    if (!absl::SimpleAtoi(text, &seconds)) return absl::nullopt;
    return absl::Seconds(seconds);
  }
  for (const char* format : kDateFormats) {
    absl::Time date;
    std::string error;
    if (absl::ParseTime(format, text, absl::UTCTimeZone(), &date, &error)) return date - now;
  }
  return absl::nullopt;
}

}  // namespace

absl::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now) {
  const absl::optional<absl::Duration> wait = ParseWait(absl::StripAsciiWhitespace(text), now);
  if (!wait.has_value() || *wait < absl::ZeroDuration() || *wait > kLongestWait) {
    return absl::nullopt;
  }
  return wait;
}

}  // namespace uid2
