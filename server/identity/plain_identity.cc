// SPDX-License-Identifier: Apache-2.0

#include "server/identity/plain_identity.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/crypto/aes_gcm.h"
#include "server/crypto/base64.h"
#include "server/identity/identity_json.h"

namespace uid2 {
namespace {

// Not set: empty or 0.
struct Fields {
  absl::string_view advertising_token;
  absl::string_view refresh_token;
  absl::string_view refresh_response_key;
  int64_t identity_expires = 0;
  int64_t refresh_from = 0;
  int64_t refresh_expires = 0;
};

bool TakeText(PlainJsonReader& json, absl::string_view& field) {
  const bool is_first = field.empty();
  return is_first && json.TakeString(field) && !field.empty();
}

bool TakeTime(PlainJsonReader& json, int64_t& field) {
  const bool is_first = field == 0;
  return is_first && json.TakeNumber(field) && field >= kMinMillis && field < kMaxMillis;
}

bool TakeField(PlainJsonReader& json, Fields& fields) {
  absl::string_view name;
  if (!json.TakeKey(name)) return false;
  if (name == "advertising_token") return TakeText(json, fields.advertising_token);
  if (name == "refresh_token") return TakeText(json, fields.refresh_token);
  if (name == "refresh_response_key") return TakeText(json, fields.refresh_response_key);
  if (name == "identity_expires") return TakeTime(json, fields.identity_expires);
  if (name == "refresh_from") return TakeTime(json, fields.refresh_from);
  if (name == "refresh_expires") return TakeTime(json, fields.refresh_expires);
  return json.SkipValue();
}

bool IsKey(absl::string_view text) {
  const absl::optional<std::string> key = DecodeBase64(text);
  return key.has_value() && key->size() == AesGcm::kKeySize;
}

bool IsComplete(const Fields& fields) {
  return !fields.advertising_token.empty() && !fields.refresh_token.empty() &&
         fields.identity_expires != 0 && fields.refresh_from != 0 && fields.refresh_expires != 0 &&
         (fields.refresh_response_key.empty() || IsKey(fields.refresh_response_key));
}

}  // namespace

absl::optional<Identity> ReadPlainIdentity(PlainJsonReader& json) {
  const char* const begin = json.position();
  Fields fields;
  if (!json.Take('{')) return absl::nullopt;
  do {
    if (!TakeField(json, fields)) return absl::nullopt;
  } while (json.Take(','));
  if (!json.Take('}') || !IsComplete(fields)) return absl::nullopt;
  return Identity{
      .advertising_token = std::string(fields.advertising_token),
      .refresh_token = std::string(fields.refresh_token),
      .refresh_response_key = std::string(fields.refresh_response_key),
      .identity_expires = fields.identity_expires,
      .refresh_from = fields.refresh_from,
      .refresh_expires = fields.refresh_expires,
      .json = std::string(begin, json.position()),
  };
}

}  // namespace uid2
