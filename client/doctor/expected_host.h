// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_EXPECTED_HOST_H_
#define CLIENT_DOCTOR_EXPECTED_HOST_H_

#include <openssl/types.h>

#include <string>

namespace uid2::doctor {

// Makes the handshake of `ssl` check that the server's certificate is for `host`, a name or an IP
// address, and asks the server for the certificate of that name (SNI). Returns whether that could
// be set; if not, OpenSSL's error queue says why. Call this before the handshake.
bool ExpectHost(SSL& ssl, const std::string& host);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_EXPECTED_HOST_H_
