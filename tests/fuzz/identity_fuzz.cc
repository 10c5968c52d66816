// SPDX-License-Identifier: Apache-2.0

#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/identity/identity_json.h"
#include "server/identity/stored_identity.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

bool SameFields(const Identity& a, const Identity& b) {
  return a.advertising_token == b.advertising_token && a.refresh_token == b.refresh_token &&
         a.refresh_response_key == b.refresh_response_key &&
         a.identity_expires == b.identity_expires && a.refresh_from == b.refresh_from &&
         a.refresh_expires == b.refresh_expires;
}

void RequireSafe(const std::string& json) {
  for (const absl::string_view unsafe : {"<", ">", "&", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    Require(!absl::StrContains(json, unsafe), "the JSON is safe inside a script element");
  }
}

void CheckStored(absl::string_view input) {
  const absl::StatusOr<StoredIdentity> stored = ParseStoredIdentity(input);
  if (stored.ok() && stored->identity.has_value()) RequireSafe(stored->identity->json);
  const absl::StatusOr<Identity> identity = ParseIdentity(input);
  if (!identity.ok()) return;
  Require(stored.ok(), "each identity is one that may be stored");
  // A status may say that its user has opted out.
  if (!stored->identity.has_value()) return;
  Require(stored->identity->json == identity->json, "a stored identity is the identity");
}

void Check(absl::string_view input) {
  const absl::StatusOr<Identity> identity = ParseIdentity(input);
  if (!identity.ok()) return;
  const std::string& json = identity->json;
  RequireSafe(json);
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  Require(!document.HasParseError() && document.IsObject(), "another parser accepts the JSON");
  Require(identity->refresh_token == std::string(document["refresh_token"].GetString(),
                                                 document["refresh_token"].GetStringLength()),
          "another parser finds the same refresh token");
  // Escaping makes the JSON longer, so the result of a very long input may exceed the limit.
  if (json.size() > kMaxIdentityJsonSize) return;
  const absl::StatusOr<Identity> again = ParseIdentity(json);
  Require(again.ok() && again->json == json && SameFields(*again, *identity),
          "parsing an identity's own JSON returns the same identity");
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  uid2::Check(input);
  uid2::CheckStored(input);
  return 0;
}
