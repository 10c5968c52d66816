// SPDX-License-Identifier: Apache-2.0

#include "server/http/connection_failure.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include <system_error>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

constexpr char kClosedInHandshake[] = "the peer closed the connection during the TLS handshake";
constexpr char kCertificateFault[] = "certificate_fault";

absl::Status CertificateFault(absl::string_view message) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(kCertificateFault, absl::Cord());
  return status;
}

absl::Status Broken(absl::string_view message, const ConnectionFault& fault) {
  const int reason = ERR_GET_REASON(fault.openssl);
  if (fault.closed || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return absl::UnavailableError(
        WithReason(message, "the peer closed the connection without a TLS close_notify"));
  }
  if (const char* const text = ERR_reason_error_string(fault.openssl); text != nullptr) {
    return absl::UnavailableError(WithReason(message, text));
  }
  return absl::UnavailableError(WithReason(message, fault.system));
}

}  // namespace

std::string WithReason(absl::string_view message, absl::string_view reason) {
  return reason.empty() ? std::string(message) : absl::StrCat(message, ": ", reason);
}

absl::Status CannotConnect(int error, absl::string_view to) {
  return absl::UnavailableError(
      WithReason(to.empty() ? "cannot connect" : absl::StrCat("cannot connect to ", to),
                 error == 0 ? "" : std::system_category().message(error)));
}

absl::Status HandshakeFailed(const ConnectionFault& fault) {
  const int reason = ERR_GET_REASON(fault.openssl);
  if (fault.closed || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return absl::UnavailableError(kClosedInHandshake);
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER) {
    return absl::UnavailableError("the peer does not speak TLS on this port");
  }
  if (const char* const text = ERR_reason_error_string(fault.openssl); text != nullptr) {
    return absl::UnavailableError(WithReason("the TLS handshake failed", text));
  }
  return absl::UnavailableError(
      WithReason("the connection broke during the TLS handshake", fault.system));
}

absl::Status CertificateNotAccepted(long result, absl::string_view whose) {
  const bool wrong_name = result == X509_V_OK || result == X509_V_ERR_HOSTNAME_MISMATCH ||
                          result == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return CertificateFault(WithReason(
      absl::StrCat(whose, " certificate is not accepted"),
      wrong_name ? "it is not for the host's name" : X509_verify_cert_error_string(result)));
}

absl::Status ClientCertificateRequired() {
  return CertificateFault("the peer requires a client certificate");
}

absl::Status SendFailed(const ConnectionFault& fault) {
  return Broken("the connection broke while the request was sent", fault);
}

absl::Status ReceiveFailed(const ConnectionFault& fault) {
  absl::Status status = Broken("the connection broke before the reply was complete", fault);
  return ERR_GET_REASON(fault.openssl) == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED
             ? CertificateFault(status.message())
             : status;
}

bool IsCertificateFault(const absl::Status& status) {
  return status.GetPayload(kCertificateFault).has_value();
}

HttpFailure ToHttpFailure(absl::Status status) {
  const bool certificate_fault = status.ErasePayload(kCertificateFault);
  return {.status = std::move(status), .certificate_fault = certificate_fault};
}

}  // namespace uid2
