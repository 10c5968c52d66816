// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/api_key.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "server/crypto/base64.h"
#include "server/secrets/secret.h"

namespace uid2 {
namespace {

constexpr absl::string_view kQuotes = "\"'`";

bool IsQuoted(absl::string_view key) {
  return absl::StrContains(kQuotes, key.front()) || absl::StrContains(kQuotes, key.back());
}

// Whether `key` looks like API_KEY=... or api_key:...; the = at the end of base64 does not count.
bool IsAssignment(absl::string_view key) {
  const auto end = std::find_if_not(
      key.begin(), key.end(), [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
  if (end == key.begin() || end == key.end() || (*end != '=' && *end != ':')) return false;
  return key.substr(static_cast<size_t>(end - key.begin())).find_first_not_of("=:") !=
         absl::string_view::npos;
}

bool IsBase64OfText(absl::string_view key) {
  absl::optional<std::string> bytes = DecodeBase64(key);
  if (!bytes.has_value()) return false;
  const Secret text(*std::move(bytes));
  const absl::string_view inner = absl::StripAsciiWhitespace(text.Reveal());
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
