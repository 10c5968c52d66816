// SPDX-License-Identifier: Apache-2.0

#include "server/identity/scope.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace uid2 {

absl::string_view NameOf(Scope scope) { return scope == Scope::kUid2 ? "UID2" : "EUID"; }

absl::optional<Scope> ScopeOfHost(absl::string_view host) {
  const std::string name = absl::StrCat(".", absl::AsciiStrToLower(absl::StripSuffix(host, ".")));
  if (absl::EndsWith(name, ".uidapi.com")) return Scope::kUid2;
  if (absl::EndsWith(name, ".euid.eu")) return Scope::kEuid;
  return absl::nullopt;
}

absl::optional<Scope> ScopeOfAdvertisingToken(absl::string_view token) {
  if (token.size() < 2 || (token[1] != '3' && token[1] != '4')) return absl::nullopt;
  if (token[0] == 'A' || token[0] == 'B') return Scope::kUid2;
  if (token[0] == 'E' || token[0] == 'F') return Scope::kEuid;
  return absl::nullopt;
}

}  // namespace uid2
