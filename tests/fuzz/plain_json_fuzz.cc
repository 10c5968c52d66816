// SPDX-License-Identifier: Apache-2.0

// The readers of plain JSON never disagree with RapidJSON. White space in front of a text changes
// nothing about its meaning, and leaves it to RapidJSON.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/identity/identity_json.h"
#include "server/identity/plain_identity.h"
#include "server/identity/plain_json.h"
#include "server/identity/stored_identity.h"
#include "server/operator/reply_json.h"
#include "tests/fuzz/invariant.h"
#include "tests/operator/same_reply.h"

namespace uid2 {
namespace {

using ::uid2::testing::IsSame;
using ::uid2::testing::Require;

void CheckReply(absl::string_view input) {
  const std::string spaced = absl::StrCat(" ", input);
  Require(!ReadPlainReply(spaced).has_value(), "white space is not plain");
  const absl::StatusOr<ReplyJson> by_rapidjson = ParseReplyJson(spaced);
  Require(IsSame(ParseReplyJson(input), by_rapidjson), "a reply is read in one way only");
  const absl::optional<ReplyJson> plain = ReadPlainReply(input);
  if (!plain.has_value()) return;
  Require(IsSame(absl::StatusOr<ReplyJson>(*plain), by_rapidjson), "RapidJSON reads the same");
}

void CheckIdentity(absl::string_view input) {
  if (input.size() > kMaxIdentityJsonSize || !IsPlainText(input)) return;
  PlainJsonReader reader(input);
  const absl::optional<Identity> plain = ReadPlainIdentity(reader);
  if (!plain.has_value() || !reader.AtEnd()) return;
  Require(IsSame(absl::StatusOr<Identity>(*plain), ParseIdentity(input)),
          "RapidJSON reads the same identity");
}

void CheckStored(absl::string_view input) {
  if (input.size() >= kMaxIdentityJsonSize) return;
  const absl::StatusOr<StoredIdentity> stored = ParseStoredIdentity(input);
  const absl::StatusOr<StoredIdentity> spaced = ParseStoredIdentity(absl::StrCat(" ", input));
  Require(stored.ok() == spaced.ok(), "white space makes no identity invalid");
  if (!stored.ok()) return;
  Require(stored->identity.has_value() == spaced->identity.has_value(), "nor an opt-out");
  Require(!stored->identity.has_value() || IsSame(*stored->identity, *spaced->identity),
          "a stored identity is read in one way only");
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  uid2::CheckReply(input);
  uid2::CheckIdentity(input);
  uid2::CheckStored(input);
  return 0;
}
