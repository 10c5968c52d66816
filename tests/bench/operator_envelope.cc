// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/operator_envelope.h"

#include <openssl/rand.h>

#include <cstring>

#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

constexpr size_t kIv = 12;
constexpr size_t kTag = 16;
constexpr size_t kTimeAndNonce = 16;
constexpr char kRequestVersion = 1;

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

void StoreTime(int64_t time_ms, uint8_t* to) {
  for (int i = 7; i >= 0; --i) {
    to[i] = static_cast<uint8_t>(time_ms & 0xff);
    time_ms >>= 8;
  }
}

int64_t LoadTime(const uint8_t* from) {
  uint64_t time = 0;
  for (int i = 0; i < 8; ++i) time = time << 8 | from[i];
  return static_cast<int64_t>(time);
}

absl::optional<OperatorEnvelope::Opened> Split(absl::string_view plaintext) {
  if (plaintext.size() < kTimeAndNonce) return absl::nullopt;
  OperatorEnvelope::Opened opened;
  opened.time_ms = LoadTime(reinterpret_cast<const uint8_t*>(plaintext.data()));
  std::memcpy(opened.nonce.data(), plaintext.data() + 8, opened.nonce.size());
  opened.json = plaintext.substr(kTimeAndNonce);
  return opened;
}

}  // namespace

OperatorEnvelope::OperatorEnvelope(absl::string_view key)
    : seal_(EVP_CIPHER_CTX_new()), open_(EVP_CIPHER_CTX_new()) {
  Check(key.size() == 32, "an envelope's key must have 32 bytes");
  const auto* bytes = reinterpret_cast<const uint8_t*>(key.data());
  Check(seal_ && open_ &&
            EVP_EncryptInit_ex(seal_.get(), EVP_aes_256_gcm(), nullptr, bytes, nullptr) == 1 &&
            EVP_DecryptInit_ex(open_.get(), EVP_aes_256_gcm(), nullptr, bytes, nullptr) == 1 &&
            RAND_bytes(iv_prefix_.data(), static_cast<int>(iv_prefix_.size())) == 1,
        "OpenSSL cannot prepare AES-256-GCM");
}

absl::string_view OperatorEnvelope::SealRequest(int64_t time_ms, absl::string_view json,
                                                Nonce& nonce) {
  constexpr size_t kHeader = 1;
  buffer_.resize(kHeader + kIv + kTimeAndNonce + json.size() + kTag);
  uint8_t* at = Bytes(buffer_);
  at[0] = kRequestVersion;
  std::array<uint8_t, kIv + 8> random;
  Check(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "RAND_bytes failed");
  std::memcpy(at + kHeader, random.data(), kIv);
  std::memcpy(nonce.data(), random.data() + kIv, nonce.size());
  at += kHeader + kIv;
  StoreTime(time_ms, at);
  std::memcpy(at + 8, nonce.data(), nonce.size());
  std::memcpy(at + kTimeAndNonce, json.data(), json.size());
  return Seal(kHeader);
}

absl::string_view OperatorEnvelope::SealReply(int64_t time_ms, const Nonce& nonce,
                                              absl::string_view json) {
  buffer_.resize(kIv + kTimeAndNonce + json.size() + kTag);
  uint8_t* at = Bytes(buffer_);
  NextReplyIv(at);
  StoreTime(time_ms, at + kIv);
  std::memcpy(at + kIv + 8, nonce.data(), nonce.size());
  std::memcpy(at + kIv + kTimeAndNonce, json.data(), json.size());
  return Seal(0);
}

absl::string_view OperatorEnvelope::SealRefreshReply(absl::string_view json) {
  buffer_.resize(kIv + json.size() + kTag);
  NextReplyIv(Bytes(buffer_));
  std::memcpy(buffer_.data() + kIv, json.data(), json.size());
  return Seal(0);
}

absl::optional<OperatorEnvelope::Opened> OperatorEnvelope::OpenReply(absl::string_view text) {
  const absl::optional<absl::string_view> plaintext = Open(text, 0);
  return plaintext ? Split(*plaintext) : absl::nullopt;
}

absl::optional<OperatorEnvelope::Opened> OperatorEnvelope::OpenRequest(absl::string_view text) {
  const absl::optional<absl::string_view> plaintext = Open(text, 1);
  if (!plaintext || buffer_[0] != kRequestVersion) return absl::nullopt;
  return Split(*plaintext);
}

void OperatorEnvelope::NextReplyIv(uint8_t* iv) {
  std::memcpy(iv, iv_prefix_.data(), iv_prefix_.size());
  ++replies_;
  std::memcpy(iv + iv_prefix_.size(), &replies_, sizeof(replies_));
}

absl::string_view OperatorEnvelope::Seal(size_t header) {
  uint8_t* iv = Bytes(buffer_) + header;
  uint8_t* text = iv + kIv;
  const int length = static_cast<int>(buffer_.size() - header - kIv - kTag);
  int written = 0;
  int rest = 0;
  Check(EVP_EncryptInit_ex(seal_.get(), nullptr, nullptr, nullptr, iv) == 1 &&
            EVP_EncryptUpdate(seal_.get(), text, &written, text, length) == 1 &&
            EVP_EncryptFinal_ex(seal_.get(), text + written, &rest) == 1 &&
            EVP_CIPHER_CTX_ctrl(seal_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag),
                                text + length) == 1,
        "OpenSSL cannot seal");
  // EVP_EncodeBlock also writes a NUL.
  base64_.resize((buffer_.size() + 2) / 3 * 4 + 1);
  const int encoded =
      EVP_EncodeBlock(Bytes(base64_), Bytes(buffer_), static_cast<int>(buffer_.size()));
  return absl::string_view(base64_.data(), static_cast<size_t>(encoded));
}

absl::optional<absl::string_view> OperatorEnvelope::Open(absl::string_view text, size_t header) {
  buffer_.resize(text.size() / 4 * 3);
  const int decoded = EVP_DecodeBlock(Bytes(buffer_), reinterpret_cast<const uint8_t*>(text.data()),
                                      static_cast<int>(text.size()));
  if (decoded < 0 || text.size() < 4) return absl::nullopt;
  // EVP_DecodeBlock counts the padding as zero bytes.
  const size_t padding = text.substr(text.size() - 2) == "==" ? 2 : text.back() == '=' ? 1 : 0;
  const size_t size = static_cast<size_t>(decoded) - padding;
  if (size < header + kIv + kTag) return absl::nullopt;
  uint8_t* iv = Bytes(buffer_) + header;
  uint8_t* body = iv + kIv;
  const size_t length = size - header - kIv - kTag;
  int written = 0;
  int rest = 0;
  if (EVP_DecryptInit_ex(open_.get(), nullptr, nullptr, nullptr, iv) != 1 ||
      EVP_DecryptUpdate(open_.get(), body, &written, body, static_cast<int>(length)) != 1 ||
      EVP_CIPHER_CTX_ctrl(open_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag),
                          body + length) != 1 ||
      EVP_DecryptFinal_ex(open_.get(), body + written, &rest) != 1) {
    return absl::nullopt;
  }
  return absl::string_view(reinterpret_cast<const char*>(body), length);
}

}  // namespace uid2::bench
