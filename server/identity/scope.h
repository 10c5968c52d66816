// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_SCOPE_H_
#define SERVER_IDENTITY_SCOPE_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace uid2 {

// The two identity systems. Their operators do not accept each other's tokens.
enum class Scope { kUid2, kEuid };

// "UID2" or "EUID".
absl::string_view NameOf(Scope scope);

// The scope of the operators at `host`, if it is one of the hosts in the documentation.
absl::optional<Scope> ScopeOfHost(absl::string_view host);

// The scope that issued an advertising token, if its form shows it. Tokens of versions 3 and 4
// begin with "A" or "B" and the version in UID2, and with "E" or "F" and the version in EUID.
// Nothing else of a token is examined, so that it may still be forged.
absl::optional<Scope> ScopeOfAdvertisingToken(absl::string_view token);

}  // namespace uid2

#endif  // SERVER_IDENTITY_SCOPE_H_
