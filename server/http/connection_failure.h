// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CONNECTION_FAILURE_H_
#define SERVER_HTTP_CONNECTION_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/http/http_client.h"

namespace uid2 {

// How connections fail, in the words that do not depend on who makes the connection. The messages
// contain only fixed texts of ours, of the system and of OpenSSL. All statuses are kUnavailable.

// What the lower layers say about a failure; nothing is known by default.
struct ConnectionFault {
  // OpenSSL's error code, or 0.
  unsigned long openssl = 0;  // NOLINT(runtime/int): OpenSSL's type
  // What the system said, for example "Connection reset by peer"; may be empty.
  std::string system = {};
  // The peer has closed the connection, without TLS's close_notify if it has TLS.
  bool closed = false;
};

// Messages of failures that need no more than their text.
inline constexpr char kNoCompleteReplyInTime[] = "no complete reply in time";
inline constexpr char kNotValidHttp[] = "the reply is not valid HTTP";
inline constexpr char kClosedWithoutReply[] = "the peer closed the connection without a reply";
inline constexpr char kClosedBeforeReplyComplete[] =
    "the peer closed the connection before the reply was complete";

// "MESSAGE: REASON", or the message alone if there is no reason.
std::string WithReason(absl::string_view message, absl::string_view reason);

// There is no TCP connection. `error` is the errno of the last attempt, or 0. `to` is "" for the
// peer itself, or what stands between, such as "the proxy".
absl::Status CannotConnect(int error, absl::string_view to = "");

// The TLS handshake has failed, but not because of a certificate.
absl::Status HandshakeFailed(const ConnectionFault& fault);

// A certificate fault. `result` is the X509_V_ERR_... that OpenSSL found; X509_V_OK stands for a
// wrong host name. `whose` is "the peer's" or "the proxy's".
absl::Status CertificateNotAccepted(long result,  // NOLINT(runtime/int): OpenSSL's type
                                    absl::string_view whose = "the peer's");

// A certificate fault: the peer requires a client certificate, and we have none.
absl::Status ClientCertificateRequired();

// The connection broke while a request was sent, or while its reply was awaited or received. The
// latter is a certificate fault if the peer requires a client certificate, which a TLS 1.3 server
// says only when the client has completed the handshake.
absl::Status SendFailed(const ConnectionFault& fault);
absl::Status ReceiveFailed(const ConnectionFault& fault);

// Whether one side does not accept the other's certificate, so that a retry does not help. Only of
// statuses made by the functions above.
bool IsCertificateFault(const absl::Status& status);

// `status`, which must not be OK, as a failure without a peer.
HttpFailure ToHttpFailure(absl::Status status);

}  // namespace uid2

#endif  // SERVER_HTTP_CONNECTION_FAILURE_H_
