// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_BASE64_H_
#define SERVER_CRYPTO_BASE64_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

// Base64 as in RFC 4648 section 4: the standard alphabet with padding. All functions are
// thread-safe. absl::Base64Unescape() is not strict enough: it accepts white space and missing
// padding.
namespace uid2 {

std::string EncodeBase64(absl::string_view bytes);

// Accepts only what EncodeBase64() produces, so that each byte string has exactly one encoding.
// Padding is required; white space, the URL-safe alphabet and non-zero trailing bits (section 3.5)
// are rejected with nullopt.
absl::optional<std::string> DecodeBase64(absl::string_view text);

// The same, but ignores non-zero trailing bits, as java.util.Base64 and therefore the operator do.
// A byte string then has 4 encodings if they end in "=", and 16 if they end in "==".
absl::optional<std::string> DecodeBase64WithAnyTrailingBits(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_CRYPTO_BASE64_H_
