// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/secret.h"

#include <openssl/crypto.h>

#include <utility>

#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

// Wipes the whole capacity, not only the size: a string that has shrunk keeps old bytes after its
// end, and a short one keeps its bytes in the object after a move.
void WipeAll(std::string& bytes) {
  bytes.resize(bytes.capacity());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace

Secret::Secret(std::string&& bytes) : bytes_(bytes) { WipeAll(bytes); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.Wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    other.Wipe();
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

absl::string_view Secret::Reveal(SecretAccess /*access*/) const { return bytes_; }

void Secret::Wipe() { WipeAll(bytes_); }

bool operator==(const Secret& a, const Secret& b) {
  return a.bytes_.size() == b.bytes_.size() &&
         CRYPTO_memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size()) == 0;
}

}  // namespace uid2
