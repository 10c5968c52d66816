// SPDX-License-Identifier: Apache-2.0

#include "server/identity/identity_json.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/crypto/aes_gcm.h"
#include "server/crypto/base64.h"
#include "server/identity/json_parser.h"
#include "server/identity/whole_number.h"

namespace uid2 {
namespace {

constexpr std::array<absl::string_view, 6> kNames = {
    "advertising_token", "refresh_token", "refresh_response_key",
    "identity_expires",  "refresh_from",  "refresh_expires",
};

// In seconds, the time of 2001-09-09. A smaller number is long past in either unit, so that its
// unit does not matter; callers use such times for "due at once".
constexpr int64_t kMinSeconds = 1'000'000'000;
constexpr absl::string_view kHalfPair = "a string contains half of a surrogate pair";

// RapidJSON rejects a lone \ud800, but turns a lone \udc00 into bytes that are not UTF-8. They
// begin with ED A0 to ED BF, as all of U+D800 to U+DFFF would, and have no other possible cause.
bool ContainsHalfPair(absl::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\xed' && static_cast<unsigned char>(text[i + 1]) >= 0xa0) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Identity> ParseIdentity(absl::string_view json) {
  if (json.size() > kMaxIdentityJsonSize) {
    return absl::InvalidArgumentError(absl::StrCat("larger than ", kMaxIdentityJsonSize, " bytes"));
  }
  IdentityReader reader;
  if (!ParseJson(json, reader) && !reader.rejected()) {
    return absl::InvalidArgumentError("not JSON");
  }
  return reader.Take();
}

IdentityReader::Field IdentityReader::FieldNamed(absl::string_view name) {
  for (unsigned field = 0; field < kUnknown; ++field) {
    if (kNames[field] == name) return static_cast<Field>(field);
  }
  return kUnknown;
}

absl::string_view IdentityReader::NameOf(Field field) { return kNames[field]; }

bool IdentityReader::Reject(absl::string_view problem) {
  problem_ = std::string(problem);
  return false;
}

bool IdentityReader::RejectType() {
  const bool is_time = field_ >= kIdentityExpires;
  return Reject(absl::StrCat(NameOf(field_),
                             is_time ? " is not a number of milliseconds" : " is not a string"));
}

bool IdentityReader::Null() {
  // A legacy identity has no response key, which some callers store as null.
  if (Current() != kUnknown && Current() != kRefreshResponseKey) return RejectType();
  writer_.Literal("null");
  return true;
}

bool IdentityReader::Bool(bool value) {
  if (Current() != kUnknown) return RejectType();
  writer_.Literal(value ? "true" : "false");
  return true;
}

bool IdentityReader::RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
  const absl::string_view number(text, size);
  int64_t* time = nullptr;
  switch (Current()) {
    case kIdentityExpires:
      time = &identity_.identity_expires;
      break;
    case kRefreshFrom:
      time = &identity_.refresh_from;
      break;
    case kRefreshExpires:
      time = &identity_.refresh_expires;
      break;
    case kUnknown:
      break;
    default:
      return RejectType();
  }
  if (time != nullptr && !ReadTime(number, *time)) return false;
  writer_.Literal(number);
  return true;
}

bool IdentityReader::ReadTime(absl::string_view number, int64_t& time) {
  const absl::optional<int64_t> value = WholeNumber(number);
  if (!value.has_value()) {
    return Reject(absl::StrCat(NameOf(field_), " is not a whole number of milliseconds"));
  }
  if (*value >= kMinSeconds && *value < kMinMillis) {
    return Reject(absl::StrCat(NameOf(field_), " is in seconds, not in milliseconds"));
  }
  if (*value >= kMaxMillis) {
    return Reject(absl::StrCat(NameOf(field_), " is not in milliseconds"));
  }
  time = *value;
  return true;
}

bool IdentityReader::String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
  const absl::string_view value(text, size);
  if (ContainsHalfPair(value)) return Reject(kHalfPair);
  switch (Current()) {
    case kAdvertisingToken:
      identity_.advertising_token = std::string(value);
      break;
    case kRefreshToken:
      identity_.refresh_token = std::string(value);
      break;
    case kRefreshResponseKey:
      identity_.refresh_response_key = std::string(value);
      break;
    case kUnknown:
      break;
    default:
      return RejectType();
  }
  writer_.String(value);
  return true;
}

bool IdentityReader::Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
  const absl::string_view name(text, size);
  if (ContainsHalfPair(name)) return Reject(kHalfPair);
  if (depth_ == 1) {
    field_ = FieldNamed(name);
    if (field_ != kUnknown) {
      // Parsers disagree on which of two fields with the same name counts, so another parser might
      // use the one that was not checked.
      if ((seen_ & (1U << field_)) != 0) return Reject(absl::StrCat(name, " appears twice"));
      seen_ |= 1U << field_;
    }
  }
  writer_.Key(name);
  return true;
}

bool IdentityReader::Open(char bracket) {
  if (Current() != kUnknown) return RejectType();
  started_ = true;
  ++depth_;
  writer_.Open(bracket);
  return true;
}

bool IdentityReader::Close(char bracket) {
  --depth_;
  writer_.Close(bracket);
  return true;
}

bool IdentityReader::StartObject() { return Open('{'); }

bool IdentityReader::EndObject(rapidjson::SizeType /*members*/) { return Close('}'); }

bool IdentityReader::StartArray() { return started_ ? Open('[') : Reject("not a JSON object"); }

bool IdentityReader::EndArray(rapidjson::SizeType /*elements*/) { return Close(']'); }

absl::StatusOr<Identity> IdentityReader::Take() {
  if (!problem_.empty()) return absl::InvalidArgumentError(problem_);
  if (!complete()) return absl::InvalidArgumentError("not a JSON object");
  for (const Field field :
       {kAdvertisingToken, kRefreshToken, kIdentityExpires, kRefreshFrom, kRefreshExpires}) {
    if ((seen_ & (1U << field)) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(NameOf(field), " is missing"));
    }
  }
  if (identity_.advertising_token.empty()) {
    return absl::InvalidArgumentError("advertising_token is empty");
  }
  if (identity_.refresh_token.empty()) {
    return absl::InvalidArgumentError("refresh_token is empty");
  }
  if (!identity_.refresh_response_key.empty()) {
    const absl::optional<std::string> key = DecodeBase64(identity_.refresh_response_key);
    if (!key.has_value() || key->size() != AesGcm::kKeySize) {
      return absl::InvalidArgumentError("refresh_response_key is not base64 of 32 bytes");
    }
  }
  identity_.json = writer_.Take();
  return std::move(identity_);
}

}  // namespace uid2
