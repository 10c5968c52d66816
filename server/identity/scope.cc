// SPDX-License-Identifier: Apache-2.0

#include "server/identity/scope.h"

namespace uid2 {

absl::string_view NameOf(Scope scope) { return scope == Scope::kUid2 ? "UID2" : "EUID"; }

absl::optional<Scope> ScopeOfAdvertisingToken(absl::string_view token) {
  if (token.size() < 2 || (token[1] != '3' && token[1] != '4')) return absl::nullopt;
  if (token[0] == 'A' || token[0] == 'B') return Scope::kUid2;
  if (token[0] == 'E' || token[0] == 'F') return Scope::kEuid;
  return absl::nullopt;
}

}  // namespace uid2
