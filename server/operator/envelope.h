// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_ENVELOPE_H_
#define SERVER_OPERATOR_ENVELOPE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/aes_gcm.h"

namespace uid2 {

// The operator's wire format around JSON. Everything is base64 (standard, padded) of
//
//   request          version 0x01 | IV 12 | sealed(time 8 | nonce 8 | JSON) | tag 16
//   generate reply                  IV 12 | sealed(time 8 | nonce 8 | JSON) | tag 16
//   refresh reply                   IV 12 | sealed(JSON)                    | tag 16
//
// sealed with AES-256-GCM: the first two with the client secret, the last with the identity's
// refresh response key. The time is in Unix milliseconds, a big-endian 64-bit integer. A reply
// echoes the nonce of its request.
//
// Errors: kInvalidArgument if the text is not base64, kDataLoss if it cannot be opened with this
// key, kFailedPrecondition if it can be opened but is not the reply to this request.

// Generated for each attempt: the IV must never repeat under one key.
struct EnvelopeNonces {
  std::string iv;     // AesGcm::kIvSize bytes
  std::string nonce;  // kNonceSize bytes

  static constexpr size_t kNonceSize = 8;

  static absl::StatusOr<EnvelopeNonces> Generate();
};

absl::StatusOr<std::string> SealRequest(const AesGcm& client_secret, absl::string_view json,
                                        absl::Time now, const EnvelopeNonces& nonces);

struct OpenedReply {
  // The operator's clock when it answered, to a millisecond.
  absl::Time operator_time;
  std::string json;
};

// Success proves that a holder of the client secret answered the request with this `nonce`.
absl::StatusOr<OpenedReply> OpenGenerateReply(const AesGcm& client_secret, absl::string_view nonce,
                                              absl::string_view reply);

// `response_key` is the identity's, 32 bytes. Success proves that the issuer of the key sealed the
// reply, but not when, because it contains neither a time nor a nonce.
absl::StatusOr<std::string> OpenRefreshReply(absl::string_view response_key,
                                             absl::string_view reply);

}  // namespace uid2

#endif  // SERVER_OPERATOR_ENVELOPE_H_
