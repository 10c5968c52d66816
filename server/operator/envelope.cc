// SPDX-License-Identifier: Apache-2.0

#include "server/operator/envelope.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "server/crypto/base64.h"
#include "server/crypto/random.h"

namespace uid2 {
namespace {

constexpr char kRequestVersion = 1;
constexpr size_t kTimeSize = 8;

void AppendBigEndian(int64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((static_cast<uint64_t>(value) >> shift) & 0xff));
  }
}

int64_t ReadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return static_cast<int64_t>(value);
}

absl::StatusOr<std::string> Decode(absl::string_view reply) {
  absl::optional<std::string> sealed = DecodeBase64(reply);
  if (!sealed.has_value()) return absl::InvalidArgumentError("the reply is not base64");
  return *std::move(sealed);
}

}  // namespace

absl::StatusOr<EnvelopeNonces> EnvelopeNonces::Generate() {
  // Separately, because neither is long enough to need memory from the heap.
  absl::StatusOr<std::string> iv = RandomBytes(AesGcm::kIvSize);
  if (!iv.ok()) return iv.status();
  absl::StatusOr<std::string> nonce = RandomBytes(kNonceSize);
  if (!nonce.ok()) return nonce.status();
  return EnvelopeNonces{*std::move(iv), *std::move(nonce)};
}

absl::StatusOr<std::string> SealRequest(const AesGcm& client_secret, absl::string_view json,
                                        absl::Time now, const EnvelopeNonces& nonces) {
  std::string plaintext;
  plaintext.reserve(kTimeSize + EnvelopeNonces::kNonceSize + json.size());
  AppendBigEndian(absl::ToUnixMillis(now), plaintext);
  plaintext.append(nonces.nonce);
  plaintext.append(json.data(), json.size());

  std::string envelope;
  envelope.reserve(1 + AesGcm::kOverhead + plaintext.size());
  envelope.push_back(kRequestVersion);
  const absl::Status sealed = client_secret.SealWithUniqueIv(nonces.iv, plaintext, envelope);
  if (!sealed.ok()) return sealed;
  return EncodeBase64(envelope);
}

absl::StatusOr<OpenedReply> OpenGenerateReply(const AesGcm& client_secret, absl::string_view nonce,
                                              absl::string_view reply) {
  absl::StatusOr<std::string> sealed = Decode(reply);
  if (!sealed.ok()) return sealed.status();
  absl::StatusOr<std::string> opened = client_secret.Open(*std::move(sealed));
  if (!opened.ok()) return opened.status();

  const absl::string_view plaintext = *opened;
  constexpr size_t kHeaderSize = kTimeSize + EnvelopeNonces::kNonceSize;
  if (plaintext.size() < kHeaderSize) {
    return absl::FailedPreconditionError("the reply is too short for a time and a nonce");
  }
  if (plaintext.substr(kTimeSize, EnvelopeNonces::kNonceSize) != nonce) {
    return absl::FailedPreconditionError("the reply answers another request");
  }
  OpenedReply result;
  result.operator_time = absl::FromUnixMillis(ReadBigEndian(plaintext.substr(0, kTimeSize)));
  opened->erase(0, kHeaderSize);
  result.json = *std::move(opened);
  return result;
}

absl::StatusOr<std::string> OpenRefreshReply(absl::string_view response_key,
                                             absl::string_view reply) {
  absl::StatusOr<std::string> sealed = Decode(reply);
  if (!sealed.ok()) return sealed.status();
  const absl::StatusOr<std::unique_ptr<AesGcm>> aead = AesGcm::New(response_key);
  if (!aead.ok()) return aead.status();
  return (*aead)->Open(*std::move(sealed));
}

}  // namespace uid2
