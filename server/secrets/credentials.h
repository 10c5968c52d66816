// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_CREDENTIALS_H_
#define SERVER_SECRETS_CREDENTIALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/secrets/secret.h"

namespace uid2 {

// The credentials with which a participant authenticates to the operator. The two belong together:
// the operator looks up the client secret by the API key.
struct Credentials {
  // As in the Authorization header: visible ASCII, at most 512 characters.
  Secret api_key;
  // The AES-256 key itself: 32 bytes.
  Secret client_secret;
};

// Reads `directory`/api_key. Ignores surrounding white space, because editors and
// `kubectl create secret` add line ends. Fails with kNotFound, kPermissionDenied or
// kInvalidArgument; errors name the file and the fix, never the content.
absl::StatusOr<Secret> LoadApiKey(absl::string_view directory);

// The same for `directory`/client_secret, which contains standard base64 of 32 bytes.
absl::StatusOr<Secret> LoadClientSecret(absl::string_view directory);

// What a proxy asks for (HTTP's Basic authentication).
struct ProxyCredentials {
  Secret user;
  Secret password;
};

// Reads "USER:PASSWORD" from the file `path`, in the same way.
absl::StatusOr<ProxyCredentials> LoadProxyCredentials(const std::string& path);

}  // namespace uid2

#endif  // SERVER_SECRETS_CREDENTIALS_H_
