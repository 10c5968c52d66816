// SPDX-License-Identifier: Apache-2.0

#include "server/dii/phone.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/dii/dii_hash.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// E.164 has no minimum length, but the operator rejects shorter numbers.
constexpr size_t kMinDigits = 10;
constexpr size_t kMaxDigits = 15;

bool AreDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

absl::Status NotE164(absl::string_view what) {
  return MakeError(identity::v1::PHONE_NOT_E164,
                   absl::StrCat("the phone ", what,
                                "; send it in E.164 form: + and 10 to 15 digits, country code "
                                "first, without spaces or punctuation"),
                   "phone");
}

}  // namespace

bool IsE164(absl::string_view phone) {
  return absl::ConsumePrefix(&phone, "+") && phone.size() >= kMinDigits &&
         phone.size() <= kMaxDigits && AreDigits(phone);
}

absl::Status CheckPhone(absl::string_view phone) {
  if (IsE164(phone)) return absl::OkStatus();
  if (IsSha256Text(phone)) {
    return MakeError(identity::v1::PHONE_NOT_E164,
                     "the phone looks like a hash; send it as phone_hash", "phone");
  }
  if (absl::StrContains(phone, '@')) {
    return MakeError(identity::v1::PHONE_NOT_E164,
                     "the phone looks like an email; send it as email", "phone");
  }
  absl::string_view digits = phone;
  if (!absl::ConsumePrefix(&digits, "+")) return NotE164("does not begin with +");
  if (!AreDigits(digits)) return NotE164("has characters other than digits after the +");
  return NotE164(digits.size() < kMinDigits ? "has fewer than 10 digits"
                                            : "has more than 15 digits");
}

}  // namespace uid2
