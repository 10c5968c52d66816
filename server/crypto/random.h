// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_RANDOM_H_
#define SERVER_CRYPTO_RANDOM_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace uid2 {

// Returns `size` bytes from OpenSSL's random number generator, for IVs and nonces. No byte is ever
// returned twice. Fails only if the system cannot provide entropy. Thread-safe.
absl::StatusOr<std::string> RandomBytes(size_t size);

}  // namespace uid2

#endif  // SERVER_CRYPTO_RANDOM_H_
