// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/api_key.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "server/crypto/base64.h"
#include "server/secrets/pasted_line.h"
#include "server/secrets/secret.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

bool IsBase64OfText(absl::string_view key) {
  absl::optional<std::string> bytes = DecodeBase64(key);
  if (!bytes.has_value()) return false;
  const Secret text(*std::move(bytes));
  const absl::string_view inner = absl::StripAsciiWhitespace(text.Reveal(SecretAccess()));
  // The bytes of a key that is itself base64 are random: 16 of them are all visible ASCII once in
  // ten million keys.
  constexpr size_t kMinTextSize = 16;
  return inner.size() >= kMinTextSize &&
         std::all_of(inner.begin(), inner.end(), absl::ascii_isgraph);
}

}  // namespace

absl::string_view ScopeOfApiKey(absl::string_view key) {
  for (const absl::string_view scope : {"UID2", "EUID"}) {
    if (absl::StartsWith(key, scope) && absl::StartsWith(key.substr(scope.size()), "-")) {
      return scope;
    }
  }
  return "";
}

absl::string_view DoubtAboutApiKey(absl::string_view key) {
  if (key.empty()) return "";
  if (IsAssignment(key)) {
    return "has the form NAME=VALUE; if it is not part of the key, remove NAME=";
  }
  if (IsQuoted(key)) return "is in quotes; if they are not part of the key, remove them";
  if (absl::StartsWith(key, "{")) return "looks like JSON; it must contain only the key";
  if (IsBase64OfText(key)) {
    return "looks like base64 of a key; if it is, decode it (in a Kubernetes secret, write a key "
           "that is not encoded under stringData)";
  }
  return "";
}

}  // namespace uid2
