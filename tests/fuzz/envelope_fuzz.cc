// SPDX-License-Identifier: Apache-2.0

// The other end of the envelope: seals the input like an operator that has the keys but may send
// anything, and damages what it sealed. reply_fuzz tries the input as an envelope.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/crypto/aes_gcm.h"
#include "server/crypto/base64.h"
#include "server/operator/envelope.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

constexpr size_t kHeaderSize = 16;
constexpr absl::string_view kNonce = "12345678";

const std::string& Key() {
  static const std::string& key = *new std::string(AesGcm::kKeySize, 'k');
  return key;
}

const AesGcm& Cipher() {
  static const std::unique_ptr<AesGcm>& cipher = *new std::unique_ptr<AesGcm>(*AesGcm::New(Key()));
  return *cipher;
}

// `before` is what precedes the IV.
std::string Sealed(absl::string_view plaintext, absl::string_view before = "") {
  std::string bytes(before);
  // One IV for all, because nothing here is secret and a result must not depend on chance.
  const absl::Status sealed =
      Cipher().SealWithUniqueIv(std::string(AesGcm::kIvSize, 'i'), plaintext, bytes);
  Require(sealed.ok(), "sealing works");
  return EncodeBase64(bytes);
}

void CheckSealed(absl::string_view plaintext) {
  const std::string reply = Sealed(plaintext);
  const absl::StatusOr<std::string> refresh = OpenRefreshReply(Key(), reply);
  Require(refresh.ok() && *refresh == std::string(plaintext), "a sealed refresh reply opens");

  const absl::StatusOr<OpenedReply> generate = OpenGenerateReply(Cipher(), kNonce, reply);
  const bool answers = plaintext.size() >= kHeaderSize && plaintext.substr(8, 8) == kNonce;
  Require(generate.ok() == answers, "a generate reply opens if it has the request's nonce");
  if (answers) {
    Require(generate->json == std::string(plaintext.substr(kHeaderSize)),
            "the JSON follows the time and the nonce");
  } else {
    Require(generate.status().code() == absl::StatusCode::kFailedPrecondition,
            "an envelope that opens but does not answer the request is told apart");
  }
}

void CheckRequest(absl::string_view json, int64_t milliseconds) {
  const EnvelopeNonces nonces = {std::string(AesGcm::kIvSize, 'i'), std::string(kNonce)};
  const absl::StatusOr<std::string> request =
      SealRequest(Cipher(), json, absl::FromUnixMillis(milliseconds), nonces);
  Require(request.ok(), "sealing a request works");
  const absl::optional<std::string> bytes = DecodeBase64(*request);
  Require(bytes.has_value() && (*bytes)[0] == 1, "a request is base64 with the version first");
  // Without the version, a request has the form of a generate reply.
  const absl::StatusOr<OpenedReply> opened =
      OpenGenerateReply(Cipher(), kNonce, EncodeBase64(absl::string_view(*bytes).substr(1)));
  Require(opened.ok() && opened->json == std::string(json), "a sealed request opens");
  Require(opened->operator_time == absl::FromUnixMillis(milliseconds), "its time is unchanged");
}

// Changes one character of the base64, which may stand for any part of the envelope.
void CheckDamaged(absl::string_view plaintext, size_t position, char by) {
  std::string reply = Sealed(plaintext);
  char& damaged = reply[position % reply.size()];
  if (damaged == by) return;
  damaged = by;
  Require(!OpenRefreshReply(Key(), reply).ok(), "a damaged envelope does not open");
  Require(!OpenGenerateReply(Cipher(), kNonce, reply).ok(), "nor does a damaged generate reply");
  Require(!OpenRefreshReply(Key(), reply.substr(0, position % reply.size())).ok(),
          "nor does one that was cut");
}

}  // namespace
}  // namespace uid2

// The first three bytes say what is damaged, and the rest is sealed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kPrefix = 3;
  if (size < kPrefix) return 0;
  const absl::string_view plaintext(reinterpret_cast<const char*>(data) + kPrefix, size - kPrefix);
  const size_t position = size_t{data[0]} * 256 + data[1];
  uid2::CheckSealed(plaintext);
  uid2::CheckRequest(plaintext, static_cast<int64_t>(position) - 1000);
  uid2::CheckDamaged(plaintext, position, static_cast<char>(data[2]));
  return 0;
}
