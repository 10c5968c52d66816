// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_OPERATOR_CREDENTIALS_H_
#define SERVER_OPERATOR_OPERATOR_CREDENTIALS_H_

#include <memory>
#include <ostream>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/crypto/aes_gcm.h"
#include "server/secrets/credentials.h"
#include "server/secrets/secret.h"

namespace uid2 {

// A participant's credentials in the form that attempts use, without parsing or copying. Immutable,
// and so thread-safe. Cannot be printed.
class OperatorCredentials {
 public:
  // Fails with kInvalidArgument if the client secret is not an AES-256 key.
  static absl::StatusOr<std::shared_ptr<const OperatorCredentials>> New(Credentials credentials);

  OperatorCredentials(const OperatorCredentials&) = delete;
  OperatorCredentials& operator=(const OperatorCredentials&) = delete;

  // The API key alone. Valid as long as this object.
  absl::string_view RevealApiKey(SecretAccess access) const;

  // The request header that carries the API key: "Authorization: Bearer ...".
  const std::shared_ptr<const Secret>& authorization() const { return authorization_; }

  // Seals requests and opens replies.
  const AesGcm& client_secret() const { return *client_secret_; }

  // Take the same time whether the answer is yes or no.
  bool HasApiKeyOf(const OperatorCredentials& other) const;
  bool HasClientSecretOf(const OperatorCredentials& other) const;

  friend std::ostream& operator<<(std::ostream& out, const OperatorCredentials& value) = delete;

 private:
  OperatorCredentials(Secret authorization, Secret client_secret_bytes,
                      std::unique_ptr<AesGcm> client_secret);

  // Requests share it, and may outlive this object.
  const std::shared_ptr<const Secret> authorization_;
  // For comparing only.
  const Secret client_secret_bytes_;
  const std::unique_ptr<AesGcm> client_secret_;
};

// A snapshot: its owner can continue to use the same pair after it has been replaced.
using OperatorCredentialsPtr = std::shared_ptr<const OperatorCredentials>;

}  // namespace uid2

#endif  // SERVER_OPERATOR_OPERATOR_CREDENTIALS_H_
