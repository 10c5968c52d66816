// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_API_KEY_H_
#define SERVER_SECRETS_API_KEY_H_

#include "absl/strings/string_view.h"

namespace uid2 {

// What the text of an API key shows without asking the operator. Only the operator knows which keys
// it has issued, and old ones have no particular form, so these are reasons for a warning. The
// results never contain any part of the key.

// "UID2" or "EUID", if the key begins with its scope, as in "UID2-C-I-123-abcdef."; otherwise
// empty.
absl::string_view ScopeOfApiKey(absl::string_view key);

// Completes the sentence "FILE ..." if `key` seems to contain more than the key or to be encoded
// once more. Empty otherwise.
absl::string_view DoubtAboutApiKey(absl::string_view key);

}  // namespace uid2

#endif  // SERVER_SECRETS_API_KEY_H_
