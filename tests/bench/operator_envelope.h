// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_OPERATOR_ENVELOPE_H_
#define TESTS_BENCH_OPERATOR_ENVELOPE_H_

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace uid2::bench {

// Seals and opens the operator's messages (AES-256-GCM, base64) for client and operator, directly
// with OpenSSL, as a minimal program would. Independent of the service's own implementation, so
// that a mistake in one cannot hide the same mistake in the other.
//
// Keeps the key schedule and its buffers between calls. Not thread-safe.
class OperatorEnvelope {
 public:
  using Nonce = std::array<uint8_t, 8>;

  struct Opened {
    int64_t time_ms = 0;
    Nonce nonce{};
    // Valid until the next call on the same object.
    absl::string_view json;
  };

  // `key` is 32 bytes.
  explicit OperatorEnvelope(absl::string_view key);

  // The client's side of a generate call. The IV and the nonce are random.
  absl::string_view SealRequest(int64_t time_ms, absl::string_view json, Nonce& nonce);
  absl::optional<Opened> OpenReply(absl::string_view text);

  // The operator's side. The IV of a reply is a random prefix and a counter, because generating a
  // random IV for each reply would cost the stub more than sealing.
  absl::optional<Opened> OpenRequest(absl::string_view text);
  absl::string_view SealReply(int64_t time_ms, const Nonce& nonce, absl::string_view json);

  // The operator's reply to a refresh has neither time nor nonce.
  absl::string_view SealRefreshReply(absl::string_view json);

 private:
  struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

  void NextReplyIv(uint8_t* iv);
  // Encrypts buffer_ in place from offset `header` + 12, appends the tag, and returns the whole
  // buffer as base64.
  absl::string_view Seal(size_t header);
  // Decodes into buffer_ and decrypts in place. The plaintext begins at offset `header` + 12.
  absl::optional<absl::string_view> Open(absl::string_view text, size_t header);

  Context seal_;
  Context open_;
  std::array<uint8_t, 4> iv_prefix_;
  uint64_t replies_ = 0;
  std::string buffer_;
  std::string base64_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_OPERATOR_ENVELOPE_H_
