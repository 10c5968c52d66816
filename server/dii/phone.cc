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

// Shorter numbers exist in E.164, which has no lower bound, but the operator takes none.
constexpr size_t kFewestDigits = 10;
constexpr size_t kMostDigits = 15;

bool AreDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

absl::Status NotE164(absl::string_view what) {
  return MakeError(identity::v1::PHONE_NOT_E164,
                   absl::StrCat("the phone ", what,
                                "; send it in E.164 form: + and 10 to 15 digits, country code "
                                "first, nothing between or around them"),
                   "phone");
}

}  // namespace

bool IsE164(absl::string_view phone) {
  return absl::ConsumePrefix(&phone, "+") && phone.size() >= kFewestDigits &&
         phone.size() <= kMostDigits && AreDigits(phone);
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
  if (!AreDigits(digits)) return NotE164("has other characters than digits after the +");
  return NotE164(digits.size() < kFewestDigits ? "has fewer than 10 digits"
                                               : "has more than 15 digits");
}

}  // namespace uid2
