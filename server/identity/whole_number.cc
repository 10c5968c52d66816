// SPDX-License-Identifier: Apache-2.0

#include "server/identity/whole_number.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace uid2 {
namespace {

// The digits in the largest 64-bit integer.
constexpr int kMaxDigits = 19;

absl::string_view WithoutTrailingZeros(absl::string_view digits) {
  return digits.substr(0, digits.find_last_not_of('0') + 1);
}

}  // namespace

absl::optional<int64_t> WholeNumber(absl::string_view number) {
  int64_t value = 0;
  // The usual form.
  if (absl::SimpleAtoi(number, &value)) {
    return value >= 0 ? absl::make_optional(value) : absl::nullopt;
  }
  const size_t mark = number.find_first_of("eE");
  absl::string_view mantissa = number.substr(0, mark);
  int exponent = 0;
  if (mark != absl::string_view::npos &&
      !absl::SimpleAtoi(absl::StripPrefix(number.substr(mark + 1), "+"), &exponent)) {
    return absl::nullopt;
  }
  const size_t point = mantissa.find('.');
  const absl::string_view fraction =
      point == absl::string_view::npos ? "" : WithoutTrailingZeros(mantissa.substr(point + 1));
  std::string digits = absl::StrCat(mantissa.substr(0, point), fraction);
  // Now the value is `digits` times ten to the power of `exponent` minus the size of `fraction`.
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return 0;
  if (absl::StartsWith(digits, "-")) {
    return digits.find_first_not_of("-0") == std::string::npos ? absl::make_optional<int64_t>(0)
                                                               : absl::nullopt;
  }
  const absl::string_view significant = WithoutTrailingZeros(digits);
  const int64_t zeros = int64_t{exponent} - static_cast<int64_t>(fraction.size()) +
                        static_cast<int64_t>(digits.size() - significant.size());
  if (zeros < 0 || zeros + static_cast<int64_t>(significant.size()) > kMaxDigits) {
    return absl::nullopt;
  }
  const std::string whole = absl::StrCat(significant, std::string(static_cast<size_t>(zeros), '0'));
  return absl::SimpleAtoi(whole, &value) ? absl::make_optional(value) : absl::nullopt;
}

}  // namespace uid2
