#ifndef SERVER_DII_DII_HASH_H_
#define SERVER_DII_DII_HASH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_kind.h"
#include "server/dii/dii_policy.h"

// The SHA-256 hash of normalised DII in the two forms that callers may send: base64 of its 32
// bytes, 44 characters, and 64 hexadecimal digits in either case. Thread-safe.
namespace uid2 {

// Whether `text` is one of the two forms.
bool IsSha256Text(absl::string_view text);

// `hash` as canonical base64 of the bytes that it stands for. EMAIL_HASH_INVALID or
// PHONE_HASH_INVALID, with the field that `kind` has for its hash, unless it is one of the two
// forms. The operator checks no more than that 44 characters decode, so under kOperator they may
// stand for 31 or 33 bytes too.
absl::StatusOr<std::string> CanonicalHash(absl::string_view hash, DiiKind kind, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_DII_HASH_H_
