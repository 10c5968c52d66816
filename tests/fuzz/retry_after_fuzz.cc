// SPDX-License-Identifier: Apache-2.0

// Parses the input as the operator's headers Retry-After and Date.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/operator/http_date.h"
#include "server/operator/retry_after.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

constexpr absl::Duration kMaxWait = absl::Hours(24);

void CheckDate(absl::string_view text) {
  const absl::optional<absl::Time> date = ParseHttpDate(text);
  if (!date.has_value()) return;
  Require(absl::UnixEpoch() + absl::Seconds(absl::ToUnixSeconds(*date)) == *date,
          "a date has no fraction of a second");
  const absl::Time year_10000 = absl::FromCivil(absl::CivilSecond(10000), absl::UTCTimeZone());
  const absl::Time year_0 = absl::FromCivil(absl::CivilSecond(0), absl::UTCTimeZone());
  // Four digits do not suffice for the year of other times.
  if (*date < year_0 || *date >= year_10000) return;
  const std::string preferred =
      absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", *date, absl::UTCTimeZone());
  Require(ParseHttpDate(preferred) == date, "the preferred form of a date is the same date");
}

void CheckRetryAfter(absl::string_view text, absl::Time now) {
  const absl::optional<absl::Duration> wait = ParseRetryAfter(text, now);
  if (wait.has_value()) {
    Require(*wait >= absl::ZeroDuration() && *wait <= kMaxWait, "a wait is at most a day");
  }
  Require(ParseRetryAfter(absl::StrCat(" ", text, "\t"), now) == wait,
          "surrounding white space does not matter");
  const absl::string_view value = absl::StripAsciiWhitespace(text);
  if (!value.empty() && std::all_of(value.begin(), value.end(), absl::ascii_isdigit)) {
    uint64_t seconds;
    const bool fits = absl::SimpleAtoi(value, &seconds) && seconds <= 24 * 3600;
    Require(wait.has_value() == fits, "a number of seconds counts if it is at most a day");
    if (fits) Require(*wait == absl::Seconds(seconds), "a number is a number of seconds");
    return;
  }
  const absl::optional<absl::Time> date = ParseHttpDate(value);
  const bool is_near = date.has_value() && *date >= now && *date - now <= kMaxWait;
  Require(wait.has_value() == is_near, "other text counts if it is a date within a day");
  if (is_near) Require(*wait == *date - now, "a date means the time until then");
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  uid2::CheckDate(text);
  // 1994-11-06 00:00:00 UTC, the day of the examples in RFC 9110.
  uid2::CheckRetryAfter(text, absl::FromUnixSeconds(784080000));
  return 0;
}
