// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/sha256.h"

#include <openssl/err.h>
#include <openssl/evp.h>

namespace uid2 {

absl::StatusOr<Sha256Digest> Sha256(absl::string_view data) {
  // With EVP_sha256(), every call would look up the implementation by name.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Sha256Digest digest;
  unsigned int size = 0;
  if (algorithm == nullptr || EVP_MD_get_size(algorithm) != static_cast<int>(digest.size()) ||
      EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                 algorithm, nullptr) != 1 ||
      size != digest.size()) {
    ERR_clear_error();
    return absl::InternalError("SHA-256 failed: check OpenSSL's configuration");
  }
  return digest;
}

}  // namespace uid2
