#ifndef SERVER_CRYPTO_RANDOM_H_
#define SERVER_CRYPTO_RANDOM_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace uid2 {

// `size` bytes of OpenSSL's random generator, for IVs and nonces; no byte is ever given out twice.
// Fails only where the system has no entropy to give. Thread-safe.
absl::StatusOr<std::string> RandomBytes(size_t size);

}  // namespace uid2

#endif  // SERVER_CRYPTO_RANDOM_H_
