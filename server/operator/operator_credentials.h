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
  static absl::StatusOr<std::shared_ptr<const OperatorCredentials>> New(
      const Credentials& credentials);

  OperatorCredentials(const OperatorCredentials&) = delete;
  OperatorCredentials& operator=(const OperatorCredentials&) = delete;

  // The API key alone. Valid as long as this object.
  absl::string_view RevealApiKey() const;

  // The request header that carries the API key: "Authorization: Bearer ...".
  const Secret& authorization() const { return authorization_; }

  // Seals requests and opens replies.
  const AesGcm& client_secret() const { return *client_secret_; }

  friend std::ostream& operator<<(std::ostream& out, const OperatorCredentials& value) = delete;

 private:
  OperatorCredentials(Secret authorization, std::unique_ptr<AesGcm> client_secret);

  const Secret authorization_;
  const std::unique_ptr<AesGcm> client_secret_;
};

// A snapshot: its owner can continue to use the same pair after it has been replaced.
using OperatorCredentialsPtr = std::shared_ptr<const OperatorCredentials>;

}  // namespace uid2

#endif  // SERVER_OPERATOR_OPERATOR_CREDENTIALS_H_
