// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_SHA256_H_
#define SERVER_CRYPTO_SHA256_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2 {

using Sha256Digest = std::array<char, 32>;

// Returns the SHA-256 digest (FIPS 180-4) of `data`. Fails with kInternal if OpenSSL cannot compute
// it, for example because its configuration excludes the digest. Thread-safe. Keeps no copy of the
// data or the digest.
absl::StatusOr<Sha256Digest> Sha256(absl::string_view data);

}  // namespace uid2

#endif  // SERVER_CRYPTO_SHA256_H_
