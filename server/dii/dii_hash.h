// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_DII_HASH_H_
#define SERVER_DII_DII_HASH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_policy.h"

// The SHA-256 hash of normalized DII in the two forms that callers may send: 44 characters of
// base64 (32 bytes) or 64 hexadecimal digits in either case. Thread-safe.
namespace uid2 {

// Whether a hash is that of an email or a phone number. The operator keeps the two apart even if
// the hashes are equal, so the kind accompanies the hash everywhere.
enum class DiiKind { kEmail, kPhone };

// Whether `text` has one of the two forms.
bool IsSha256Text(absl::string_view text);

// Returns the canonical base64 of the bytes that `hash` encodes. If `hash` has neither form, fails
// with EMAIL_HASH_INVALID or PHONE_HASH_INVALID, for the field that belongs to `kind`. The operator
// only checks that 44 characters can be decoded, so under kOperator they may also encode 31 or 33
// bytes.
absl::StatusOr<std::string> CanonicalHash(absl::string_view hash, DiiKind kind, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_DII_HASH_H_
