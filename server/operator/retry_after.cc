// SPDX-License-Identifier: Apache-2.0

#include "server/operator/retry_after.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "server/operator/http_date.h"

namespace uid2 {
namespace {

constexpr absl::Duration kMaxWait = absl::Hours(24);

absl::optional<absl::Duration> ParseWait(absl::string_view text, absl::Time now) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    int64_t seconds;
    if (!absl::SimpleAtoi(text, &seconds)) return absl::nullopt;
    return absl::Seconds(seconds);
  }
  const absl::optional<absl::Time> date = ParseHttpDate(text);
  if (!date.has_value()) return absl::nullopt;
  return *date - now;
}

}  // namespace

absl::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now) {
  const absl::optional<absl::Duration> wait = ParseWait(absl::StripAsciiWhitespace(text), now);
  if (!wait.has_value() || *wait < absl::ZeroDuration() || *wait > kMaxWait) {
    return absl::nullopt;
  }
  return wait;
}

}  // namespace uid2
