// SPDX-License-Identifier: Apache-2.0

#include "server/dii/dii_hash.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/crypto/base64.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

constexpr size_t kBase64Size = 44;
constexpr size_t kHexSize = 64;
constexpr size_t kHashSize = 32;

bool IsHex(absl::string_view text) {
  return text.size() == kHexSize && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

// Decodes the hash as the operator does, and returns any number of bytes.
absl::optional<std::string> Decode(absl::string_view hash) {
  if (IsHex(hash)) return absl::HexStringToBytes(hash);
  if (hash.size() == kBase64Size) return DecodeBase64WithAnyTrailingBits(hash);
  return absl::nullopt;
}

absl::string_view WhatIsWrong(absl::string_view hash) {
  if (Decode(hash).has_value()) {
    return " does not decode to the 32 bytes of a SHA-256 hash, so policy STRICT rejects it";
  }
  if (absl::StrContains(hash, '@')) {
    return " looks like an email; send an email that is not hashed as email";
  }
  if (hash.size() == 2 * kBase64Size && IsHex(DecodeBase64(hash).value_or(""))) {
    return " is base64 of the hexadecimal text; encode the 32 bytes themselves, or send the "
           "hexadecimal digits";
  }
  if (IsSha256Text(absl::StripAsciiWhitespace(hash))) {
    return " begins or ends with white space; trim it";
  }
  if (hash.find_first_of("-_") != absl::string_view::npos) {
    return " is in base64's URL-safe alphabet; use the standard one, with + and / instead of - and "
           "_";
  }
  if (IsSha256Text(absl::StrCat(hash, "="))) return " lacks the = at the end";
  return " is not a SHA-256 hash";
}

}  // namespace

bool IsSha256Text(absl::string_view text) {
  const absl::optional<std::string> bytes = Decode(text);
  return bytes.has_value() && bytes->size() == kHashSize;
}

absl::StatusOr<std::string> CanonicalHash(absl::string_view hash, DiiKind kind, DiiPolicy policy) {
  const absl::optional<std::string> bytes = Decode(hash);
  // The operator uses the decoded bytes, never the text. So the canonical text of these bytes
  // identifies the same user, whatever trailing bits or letter case the caller used. The canonical
  // text of 31, 32 or 33 bytes has 44 characters, which the operator accepts.
  if (bytes.has_value() && (bytes->size() == kHashSize || policy == DiiPolicy::kOperator)) {
    return EncodeBase64(*bytes);
  }
  const bool email = kind == DiiKind::kEmail;
  const absl::string_view field = email ? "email_hash" : "phone_hash";
  return MakeError(email ? identity::v1::EMAIL_HASH_INVALID : identity::v1::PHONE_HASH_INVALID,
                   absl::StrCat("the ", field, WhatIsWrong(hash),
                                "; send 44 characters of base64 or 64 hexadecimal digits"),
                   field);
}

}  // namespace uid2
