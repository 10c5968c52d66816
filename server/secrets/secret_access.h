// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_SECRET_ACCESS_H_
#define SERVER_SECRETS_SECRET_ACCESS_H_

namespace uid2 {

// The permission to read a Secret: `secret.Reveal(SecretAccess())`. Only the packages that the
// build target's visibility lists can create one, so that list names all code that can see a
// secret.
class SecretAccess {
 public:
  explicit SecretAccess() = default;
};

}  // namespace uid2

#endif  // SERVER_SECRETS_SECRET_ACCESS_H_
