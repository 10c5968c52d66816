// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_AES_GCM_H_
#define SERVER_CRYPTO_AES_GCM_H_

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

// AES-256-GCM (NIST SP 800-38D) with 12-byte IVs, 16-byte tags and no associated data, as in the
// operator's envelopes. Provides confidentiality, and authenticity between holders of the key. Does
// not protect against replay. Thread-safe.
class AesGcm {
 public:
  static constexpr size_t kKeySize = 32;
  static constexpr size_t kIvSize = 12;
  static constexpr size_t kTagSize = 16;
  static constexpr size_t kOverhead = kIvSize + kTagSize;

  // Copies `key` into the key schedule. Fails with kInvalidArgument, which names both sizes, if
  // `key` does not have kKeySize bytes. The destructor wipes the copy; the caller must wipe `key`.
  static absl::StatusOr<std::unique_ptr<AesGcm>> New(absl::string_view key);

  AesGcm(const AesGcm&) = delete;
  AesGcm& operator=(const AesGcm&) = delete;
  ~AesGcm();

  // Appends IV | ciphertext | tag to `out`. `iv` must have kIvSize bytes. Never use the same IV
  // twice with a key, or both messages can be read and forged: get it from RandomBytes().
  absl::Status SealWithUniqueIv(absl::string_view iv, absl::string_view plaintext,
                                std::string& out) const;

  // Decrypts IV | ciphertext | tag. Fails with kDataLoss if the input is too short, was encrypted
  // with another key, or was modified; any decrypted data is wiped.
  absl::StatusOr<std::string> Open(std::string sealed) const;

 private:
  struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const;
  };
  using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

  explicit AesGcm(Context context);

  absl::StatusOr<Context> Borrow() const;
  void Return(Context context) const;

  // Each context contains the key schedule, because computing it costs as much as encrypting a
  // message. keyed_ is never used directly; other contexts are copied from it.
  const Context keyed_;
  mutable absl::Mutex mutex_;
  mutable std::vector<Context> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_CRYPTO_AES_GCM_H_
