// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_HANDSHAKE_H_
#define CLIENT_DOCTOR_HANDSHAKE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/cpp/channel_options.h"
#include "server/crypto/certificate.h"

namespace uid2::doctor {

// What a TLS handshake with an identity service showed, including one that gRPC would give up.
struct Handshake {
  // The server's certificate, and OpenSSL's X509_V_... code for its chain and name. Nullopt if the
  // handshake did not get that far.
  absl::optional<CertificateSummary> server;
  long verify_result = 0;
  // Whether the server asked for the client's certificate, and the authorities that it named.
  bool asked_for_certificate = false;
  std::vector<std::string> authorities;
  // Whether the client's certificate, if there is one, may be used by clients.
  bool own_is_for_clients = true;
  // Whether the server has accepted what it got, and spoken.
  bool accepted = false;
  // If not: OpenSSL's reason, as a number (0 if the connection was closed) and as text.
  int reason = 0;
  std::string error;
};

// Connects to the first address of `options` and does a handshake, even if `options` turns TLS off.
// Each step ends after `timeout`. Blocking. Fails with kUnavailable if there is no connection, with
// kInvalidArgument if a file cannot be used, and with kUnimplemented if the address is not one of
// TCP.
absl::StatusOr<Handshake> TryHandshake(const client::ChannelOptions& options,
                                       absl::Duration timeout);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_HANDSHAKE_H_
