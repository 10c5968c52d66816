// SPDX-License-Identifier: Apache-2.0

#include "client/cli/bare_dii.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/dii/code_point.h"
#include "server/dii/dii_hash.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

// SHA-256 of nothing, of a line break, of null and of undefined.
constexpr std::array<absl::string_view, 4> kHashesOfNobody = {
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "AbpHGcgLb+kRsJGnwFEktk7uzpZOCcBY74+YBdrKVGs=",
    "dCNOmK/nSY+12vHzasLXiswzlGT5UHA7jAGYkvmCuQs=",
    "6wRdeNJzEHNIsDAMAdKbdVLWIqu8b6+Bs+xVNZqplQw=",
};

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

absl::Status NotBare(absl::string_view what, absl::string_view fix) {
  return MakeError(identity::v1::EMAIL_INVALID,
                   absl::StrCat("this is not a bare email address: ", what, "; ", fix), "email");
}

// Typographic quotes, which text processors put in the place of ' and ".
bool IsTypographicQuote(char32_t c) {
  return (c >= 0x2018 && c <= 0x201f) || c == 0xab || c == 0xbb || c == 0x2039 || c == 0x203a;
}

// What copying from a page or a document can add without being seen. The service rejects spaces and
// control characters.
bool IsInvisible(char32_t c) {
  return c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

bool Contains(absl::string_view text, bool (*is)(char32_t)) {
  while (!text.empty()) {
    const absl::optional<char32_t> code_point = TakeCodePoint(text);
    // IsUtf8() has been checked.
    if (!code_point.has_value() || is(*code_point)) return code_point.has_value();
  }
  return false;
}

bool ContainsPercentEncoding(absl::string_view text) {
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '%' && absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      return true;
    }
  }
  return false;
}

// Names of labels that consist of letters, digits, "-", "_" and anything outside ASCII.
bool IsDomain(absl::string_view domain) {
  for (const absl::string_view label : absl::StrSplit(domain, '.')) {
    const bool good = !label.empty() && std::all_of(label.begin(), label.end(), [](char c) {
      return IsAlphanumeric(c) || c == '-' || c == '_' || (c & 0x80) != 0;
    });
    if (!good) return false;
  }
  return true;
}

absl::Status CheckEmail(absl::string_view text) {
  absl::string_view email = text;
  while (absl::ConsumePrefix(&email, " ")) {
  }
  while (absl::ConsumeSuffix(&email, " ")) {
  }
  const size_t at = email.find('@');
  // The service rejects these with more precise messages.
  if (at == absl::string_view::npos || at == 0 || at + 1 == email.size() ||
      email.find('@', at + 1) != absl::string_view::npos) {
    return absl::OkStatus();
  }
  constexpr absl::string_view kOnly = "send only the address, such as user@example.com";
  if (email[0] == '{' || email[0] == '[') return NotBare("it looks like JSON", kOnly);
  if (absl::StartsWithIgnoreCase(email, "mailto:")) {
    return NotBare("it begins with \"mailto:\"", kOnly);
  }
  if (absl::StrContains(email, '<') || absl::StrContains(email, '>')) {
    return NotBare("it has \"<\" or \">\"", "send only what is between them");
  }
  if (email[0] == '\'' || absl::StrContains(email, '"') || absl::EndsWith(email, "'") ||
      Contains(email, &IsTypographicQuote)) {
    return NotBare("it is in quotes", "remove them");
  }
  if (email.find_first_of(" \t\r\n\v\f") != absl::string_view::npos) {
    return NotBare("it has white space inside", kOnly);
  }
  if (Contains(email, &IsInvisible)) {
    return NotBare("it has an invisible character", "type it instead of copying it");
  }
  const absl::string_view local = email.substr(0, at);
  if (local.find_first_of("(),:;[]\\{}=") != absl::string_view::npos) {
    return NotBare("it has a character before the @ that belongs to something around it", kOnly);
  }
  if (ContainsPercentEncoding(local)) {
    return NotBare("it is URL-encoded", "decode it first");
  }
  if (!IsDomain(email.substr(at + 1))) {
    return NotBare("what follows the @ is not a domain name", kOnly);
  }
  return absl::OkStatus();
}

absl::Status CheckHash(absl::string_view hash, DiiKind kind) {
  const absl::StatusOr<std::string> canonical = CanonicalHash(hash, kind, DiiPolicy::kOperator);
  // The service says why.
  if (!canonical.ok()) return absl::OkStatus();
  const bool is_email = kind == DiiKind::kEmail;
  const Reason reason =
      is_email ? identity::v1::EMAIL_HASH_INVALID : identity::v1::PHONE_HASH_INVALID;
  const absl::string_view field = is_email ? "email_hash" : "phone_hash";
  if (std::find(kHashesOfNobody.begin(), kHashesOfNobody.end(), *canonical) !=
      kHashesOfNobody.end()) {
    return MakeError(reason,
                     "this is the hash of an empty text, a line break, \"null\" or \"undefined\", "
                     "and of no user; hash the user's own value",
                     field);
  }
  std::string bytes;
  if (absl::Base64Unescape(*canonical, &bytes) &&
      std::all_of(bytes.begin(), bytes.end(),
                  [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); })) {
    return MakeError(reason,
                     "this encodes a text, such as an MD5 in hexadecimal, and no SHA-256; encode "
                     "the 32 bytes of the SHA-256 itself",
                     field);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckBareDii(const identity::v1::GenerateIdentityRequest& request) {
  const struct {
    const std::string& value;
    Reason reason;
    absl::string_view field;
  } fields[] = {
      {request.email(), identity::v1::EMAIL_INVALID, "email"},
      {request.phone(), identity::v1::PHONE_NOT_E164, "phone"},
      {request.email_hash(), identity::v1::EMAIL_HASH_INVALID, "email_hash"},
      {request.phone_hash(), identity::v1::PHONE_HASH_INVALID, "phone_hash"},
      {request.tcf_consent_string(), identity::v1::CONSENT_STRING_INVALID, "tcf_consent_string"},
      {request.participant(), identity::v1::PARTICIPANT_UNKNOWN, "participant"},
  };
  for (const auto& field : fields) {
    if (!IsUtf8(field.value)) return MakeError(field.reason, "this is not UTF-8", field.field);
  }
  if (!request.email().empty()) {
    if (absl::Status status = CheckEmail(request.email()); !status.ok()) return status;
  }
  if (!request.email_hash().empty()) return CheckHash(request.email_hash(), DiiKind::kEmail);
  if (!request.phone_hash().empty()) return CheckHash(request.phone_hash(), DiiKind::kPhone);
  return absl::OkStatus();
}

}  // namespace uid2::cli
