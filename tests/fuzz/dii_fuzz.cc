// SPDX-License-Identifier: Apache-2.0

// Tries the input as each of the four fields of a request, under both policies.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/crypto/base64.h"
#include "server/crypto/sha256.h"
#include "server/dii/code_point.h"
#include "server/dii/dii.h"
#include "server/dii/email.h"
#include "server/status/reason.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

// A field of a request, the kind that HashDii must return for it, and the only reason for which it
// may reject it.
struct Field {
  const char* name;
  absl::string_view DiiInput::*member;
  DiiKind kind;
  Reason refusal;
};

constexpr Field kEmail = {"email", &DiiInput::email, DiiKind::kEmail, identity::v1::EMAIL_INVALID};
constexpr Field kPhone = {"phone", &DiiInput::phone, DiiKind::kPhone, identity::v1::PHONE_NOT_E164};
constexpr Field kEmailHash = {"email_hash", &DiiInput::email_hash, DiiKind::kEmail,
                              identity::v1::EMAIL_HASH_INVALID};
constexpr Field kPhoneHash = {"phone_hash", &DiiInput::phone_hash, DiiKind::kPhone,
                              identity::v1::PHONE_HASH_INVALID};

// Returns the hash if the field is accepted.
absl::optional<std::string> Hash(const Field& field, absl::string_view value, DiiPolicy policy) {
  DiiInput input;
  input.*field.member = value;
  const absl::StatusOr<HashedDii> dii = HashDii(input, policy);
  if (dii.ok()) {
    Require(dii->kind == field.kind, "the kind is that of the field");
    Require(dii->hash.size() == 44, "a hash has 44 characters");
    Require(DecodeBase64(dii->hash).has_value(), "a hash is canonical base64");
    return dii->hash;
  }
  const Reason reason = ReasonOf(dii.status());
  if (value.empty()) {
    Require(reason == identity::v1::DII_MISSING, "an empty field counts as not set");
  } else {
    Require(reason == field.refusal, "a rejected field has the reason of that field");
    Require(FieldOf(dii.status()) == field.name, "the error names the rejected field");
  }
  return absl::nullopt;
}

absl::optional<std::string> HashUnderBothPolicies(const Field& field, absl::string_view value) {
  const absl::optional<std::string> lenient = Hash(field, value, DiiPolicy::kOperator);
  const absl::optional<std::string> strict = Hash(field, value, DiiPolicy::kStrict);
  if (strict.has_value()) {
    Require(strict == lenient, "a value that STRICT accepts has the same hash under OPERATOR");
  }
  return lenient;
}

std::string HashOfText(absl::string_view text) {
  const absl::StatusOr<Sha256Digest> digest = Sha256(text);
  Require(digest.ok(), "SHA-256 works");
  return EncodeBase64(absl::string_view(digest->data(), digest->size()));
}

// A second implementation of the rule, the way the operator does it: in one pass, building both
// candidates for the local part.
absl::optional<std::string> NormalizeByScanning(absl::string_view email) {
  std::string local;
  std::string gmail_local;
  std::string domain;
  size_t spaces = 0;
  bool after_at = false;
  bool in_extension = false;
  for (char c : email) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!after_at) {
      if (c == ' ') continue;
      if (c == '@') {
        after_at = true;
        continue;
      }
      local += c;
      if (c == '+') in_extension = true;
      if (!in_extension && c != '.') gmail_local += c;
    } else if (c == '@') {
      return absl::nullopt;
    } else if (c == ' ') {
      ++spaces;
    } else {
      domain.append(spaces, ' ');
      domain += c;
      spaces = 0;
    }
  }
  const std::string& used = domain == "gmail.com" ? gmail_local : local;
  if (domain.empty() || used.empty()) return absl::nullopt;
  return used + "@" + domain;
}

bool IsWellFormed(absl::string_view text) {
  while (!text.empty()) {
    if (!TakeCodePoint(text).has_value()) return false;
  }
  return true;
}

void CheckEmail(absl::string_view value) {
  const absl::optional<std::string> hash = HashUnderBothPolicies(kEmail, value);
  const absl::optional<std::string> scanned =
      IsWellFormed(value) ? NormalizeByScanning(value) : absl::nullopt;
  Require(hash.has_value() == scanned.has_value(), "OPERATOR accepts what the scan accepts");
  if (scanned.has_value()) {
    Require(*hash == HashOfText(*scanned), "the hash is that of the scan's result");
  }

  for (const DiiPolicy policy : {DiiPolicy::kOperator, DiiPolicy::kStrict}) {
    const absl::StatusOr<std::string> normalized = NormalizeEmail(value, policy);
    if (!normalized.ok()) continue;
    const absl::StatusOr<std::string> again = NormalizeEmail(*normalized, policy);
    Require(again.ok() && *again == *normalized, "normalizing a normalized email changes nothing");
    if (policy == DiiPolicy::kOperator) continue;
    for (absl::string_view rest = *normalized; !rest.empty();) {
      Require(!IsSpaceOrControl(*TakeCodePoint(rest)),
              "STRICT accepts no space or control character inside an email");
    }
  }
}

void CheckPhone(absl::string_view value) {
  const absl::optional<std::string> hash = HashUnderBothPolicies(kPhone, value);
  Require(hash == Hash(kPhone, value, DiiPolicy::kStrict), "both policies treat phones alike");
  const bool e164 = value.size() >= 11 && value.size() <= 16 && value[0] == '+' &&
                    value.find_first_not_of("0123456789", 1) == absl::string_view::npos;
  Require(hash.has_value() == e164, "a phone is accepted only if it is + and 10 to 15 digits");
  if (e164) Require(*hash == HashOfText(value), "a phone is hashed unchanged");
}

void CheckHash(absl::string_view value) {
  const absl::optional<std::string> hash = HashUnderBothPolicies(kEmailHash, value);
  Require(hash == HashUnderBothPolicies(kPhoneHash, value),
          "email hashes and phone hashes are parsed alike");
  if (hash.has_value()) {
    Require(HashUnderBothPolicies(kEmailHash, *hash) == hash, "a canonical hash is unchanged");
  }
}

void CheckTwoAtOnce(absl::string_view value) {
  if (value.empty()) return;
  DiiInput input;
  input.email = value;
  input.phone_hash = value;
  const absl::StatusOr<HashedDii> dii = HashDii(input, DiiPolicy::kOperator);
  Require(ReasonOf(dii.status()) == identity::v1::DII_AMBIGUOUS, "two fields are ambiguous");
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view value(reinterpret_cast<const char*>(data), size);
  uid2::CheckEmail(value);
  uid2::CheckPhone(value);
  uid2::CheckHash(value);
  uid2::CheckTwoAtOnce(value);
  return 0;
}
