// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/tls_probe.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/doctor/expected_host.h"

namespace uid2::doctor {
namespace {

constexpr char kCheck[] = "tls";

// Automatic renewal happens much earlier.
constexpr absl::Duration kRenewalTime = absl::Hours(5 * 24);

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

absl::Status HandshakeError(int error_number) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  if (reason != nullptr) return absl::UnavailableError(reason);
  if (error_number == EAGAIN || error_number == EWOULDBLOCK) {
    return absl::UnavailableError("no answer in time");
  }
  return absl::UnavailableError("the connection was closed");
}

Finding Error(absl::string_view text, absl::string_view fix) {
  return {Severity::kError, kCheck, std::string(text), std::string(fix), ""};
}

Finding CheckNoHandshake(const absl::Status& status) {
  if (absl::StrContains(status.message(), "wrong version number")) {
    return Error("the server that answers does not speak TLS",
                 "fix the port in operator_url, or bypass the proxy");
  }
  return Error(
      absl::StrCat("the TLS handshake failed: ", status.message()),
      "check whether a firewall or proxy between this machine and the operator breaks TLS");
}

}  // namespace

absl::StatusOr<TlsProbe> ProbeTls(int fd, const std::string& host, const TrustStore& authorities) {
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return absl::InternalError("out of memory for TLS");
  authorities.UseIn(context.get());
  // OpenSSL still verifies the chain and the name, but the handshake continues after a failure, so
  // that the certificate can be reported. No data is sent over this connection.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  const std::unique_ptr<SSL, Free> ssl(SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1 || !ExpectHost(*ssl, host)) {
    ERR_clear_error();
    return absl::InternalError("cannot set up TLS");
  }
  errno = 0;
  if (SSL_connect(ssl.get()) != 1) return HandshakeError(errno);
  const X509* const certificate = SSL_get0_peer_certificate(ssl.get());
  if (certificate == nullptr) return absl::UnavailableError("the operator sent no certificate");
  return TlsProbe{.protocol = SSL_get_version(ssl.get()),
                  .certificate = Summarize(*certificate),
                  .verify_result = SSL_get_verify_result(ssl.get())};
}

Finding CheckTls(const absl::StatusOr<TlsProbe>& probe, const std::string& host, absl::Time now) {
  if (!probe.ok()) return CheckNoHandshake(probe.status());
  const CertificateSummary& certificate = probe->certificate;
  switch (probe->verify_result) {
    case X509_V_OK:
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error(
          absl::StrCat("a certificate in the operator's chain has expired; its own expires on ",
                       DateText(certificate.ends)),
          absl::StrCat("if this host's clock (", DateText(now),
                       ") is correct, the operator must renew it: tell its administrator"));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error(
          absl::StrCat("a certificate in the operator's chain is not valid yet; its own is "
                       "valid from ",
                       DateText(certificate.begins)),
          absl::StrCat("set this host's clock, which says ", DateText(now)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Error(
          absl::StrCat("the certificate is for ", HostsText(certificate), " and not for ", host),
          "set operator_url to the operator's official name");
    default:
      return Error(
          absl::StrCat("the certificate is not trusted: ",
                       X509_verify_cert_error_string(probe->verify_result), "; it was issued by ",
                       certificate.issuer),
          "if you know that authority, put its certificate into operator_connection.ca_file; if "
          "not, TLS may be intercepted");
  }
  if (certificate.ends <= now + kRenewalTime) {
    return {Severity::kWarning, kCheck,
            absl::StrCat("the operator's certificate expires on ", DateText(certificate.ends)),
            "tell the operator's administrator", ""};
  }
  return {Severity::kOk, kCheck,
          absl::StrCat(probe->protocol, ", certificate valid until ", DateText(certificate.ends)),
          "", ""};
}

}  // namespace uid2::doctor
