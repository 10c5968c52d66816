// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_DII_HASH_H_
#define SERVER_DII_DII_HASH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_policy.h"

// The SHA-256 hash of normalised DII in the two forms that callers may send: 44 characters of
// base64 (32 bytes) or 64 hexadecimal digits in either case. Thread-safe.
namespace uid2 {

// What a hash is of. The operator never matches an email's hash with a phone's, even if they are
// equal, so the kind accompanies the hash everywhere.
enum class DiiKind { kEmail, kPhone };

// Whether `text` is one of the two forms.
bool IsSha256Text(absl::string_view text);

// `hash` as canonical base64 of the bytes that it encodes. If it is in neither form, fails with
// EMAIL_HASH_INVALID or PHONE_HASH_INVALID, for the field that belongs to `kind`. The operator only
// checks that 44 characters can be decoded, so under kOperator they may encode 31 or 33 bytes too.
absl::StatusOr<std::string> CanonicalHash(absl::string_view hash, DiiKind kind, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_DII_HASH_H_
