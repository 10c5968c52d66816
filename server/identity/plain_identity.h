// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_PLAIN_IDENTITY_H_
#define SERVER_IDENTITY_PLAIN_IDENTITY_H_

#include "absl/types/optional.h"
#include "server/identity/identity.h"
#include "server/identity/plain_json.h"

namespace uid2 {

// Reads the identity object that comes next. Returns exactly what IdentityReader makes of it, or
// nothing if there is anything unusual about it, valid or not: a field that is missing, null, of
// another type or there twice, a time that is not in Unix milliseconds, a nested value. Then
// IdentityReader decides. The `json` is a copy of the object's text.
absl::optional<Identity> ReadPlainIdentity(PlainJsonReader& json);

}  // namespace uid2

#endif  // SERVER_IDENTITY_PLAIN_IDENTITY_H_
