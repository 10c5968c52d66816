#ifndef SERVER_SECRETS_CREDENTIALS_H_
#define SERVER_SECRETS_CREDENTIALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/secrets/secret.h"

namespace uid2 {

// What a participant proves itself to the operator with. One pair belongs together: a reply to a
// request sealed with `client_secret` opens with the same one.
struct Credentials {
  // As it goes into the Authorization header: visible ASCII, at most 512 characters.
  Secret api_key;
  // The AES-256 key itself: 32 bytes.
  Secret client_secret;
};

// Reads `directory`/api_key. White space around the content is ignored, since editors and
// `kubectl create secret` leave line ends. Errors name the file and the fix, never the content:
// kNotFound, kPermissionDenied or kInvalidArgument.
absl::StatusOr<Secret> LoadApiKey(absl::string_view directory);

// The same for `directory`/client_secret, which holds standard base64 of 32 bytes.
absl::StatusOr<Secret> LoadClientSecret(absl::string_view directory);

}  // namespace uid2

#endif  // SERVER_SECRETS_CREDENTIALS_H_
