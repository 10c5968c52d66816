#ifndef SERVER_CRYPTO_SHA256_H_
#define SERVER_CRYPTO_SHA256_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2 {

using Sha256Digest = std::array<char, 32>;

// The SHA-256 digest (FIPS 180-4) of `data`. kInternal where OpenSSL cannot compute it, as when
// its configuration leaves the digest out. Thread-safe, and keeps neither data nor digest.
absl::StatusOr<Sha256Digest> Sha256(absl::string_view data);

}  // namespace uid2

#endif  // SERVER_CRYPTO_SHA256_H_
