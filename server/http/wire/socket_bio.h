// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_SOCKET_BIO_H_
#define SERVER_HTTP_WIRE_SOCKET_BIO_H_

#include <openssl/bio.h>

#include "absl/status/statusor.h"

namespace uid2 {

// A BIO that reads from and writes to `fd`, which it does not own and which must be non-blocking.
// Unlike OpenSSL's own, it writes without raising SIGPIPE, so that TLS can be used on threads of
// others, which may not block that signal. The caller owns the BIO. Fails with kInternal if OpenSSL
// does.
absl::StatusOr<BIO*> NewSocketBio(int fd);

// Lets `bio`, made by NewSocketBio(), receive a few times more; after that, it says that it has to
// wait, even if the socket is readable. Otherwise a peer that never stops sending what is not for
// the application, such as key updates, would hold the thread within one call of OpenSSL.
void BeginTurn(BIO* bio);

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_SOCKET_BIO_H_
