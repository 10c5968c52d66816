#ifndef SERVER_CRYPTO_BASE64_H_
#define SERVER_CRYPTO_BASE64_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

// Base64 of RFC 4648 section 4: the standard alphabet, padded. All functions are thread-safe.
namespace uid2 {

std::string EncodeBase64(absl::string_view bytes);

// Takes exactly what EncodeBase64 writes, so that no two texts mean the same bytes: padding
// is required, and white space, the URL-safe alphabet and non-zero trailing bits (section 3.5)
// are refused. nullopt otherwise.
absl::optional<std::string> DecodeBase64(absl::string_view text);

// The same, but takes any trailing bits and drops them, as java.util.Base64 and so the operator
// do: 4 texts mean the same bytes before "=", and 16 before "==".
absl::optional<std::string> DecodeBase64WithAnyTrailingBits(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_CRYPTO_BASE64_H_
