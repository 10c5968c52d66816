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

// The operator's sealed messages (AES-256-GCM, base64) from both ends, with nothing between them
// and OpenSSL: what a bare program does. Written apart from the service's own, so that a mistake
// in one cannot hide the same mistake in the other.
//
// Keeps the key schedule and its buffers between calls. Not thread-safe.
class OperatorEnvelope {
 public:
  using Nonce = std::array<uint8_t, 8>;

  struct Opened {
    int64_t time_ms = 0;
    Nonce nonce{};
    // Good until the next call of the same object.
    absl::string_view json;
  };

  // `key` is 32 bytes.
  explicit OperatorEnvelope(absl::string_view key);

  // The client's part of a generate call. The IV and the nonce are random.
  absl::string_view SealRequest(int64_t time_ms, absl::string_view json, Nonce& nonce);
  absl::optional<Opened> OpenReply(absl::string_view text);

  // The operator's part. IVs of replies are a random prefix and a counter: a fresh random one a
  // reply would cost the stub more than the seal.
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
  // Encrypts what buffer_ holds from `header` + 12 on, in place, writes the tag after it, and
  // returns all of it from the first byte on as base64.
  absl::string_view Seal(size_t header);
  // Decodes into buffer_ and decrypts in place; the plaintext begins at `header` + 12.
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
