// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_error.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

constexpr char kClosedInHandshake[] = "the peer closed the connection during the TLS handshake";
constexpr char kNotHttp[] = "the reply is not valid HTTP";

// The part of `text` between `before` and `after`; empty if they are not there.
absl::string_view Between(absl::string_view text, absl::string_view before,
                          absl::string_view after) {
  const size_t found = text.find(before);
  if (found == absl::string_view::npos) return "";
  text.remove_prefix(found + before.size());
  return text.substr(0, text.find(after));
}

// OpenSSL's error code in libcurl's text, such as "... error:0A000126:SSL routines::...", or 0.
unsigned long OpenSslError(absl::string_view text) {  // NOLINT(runtime/int): OpenSSL's type
  uint32_t error = 0;
  return absl::SimpleHexAtoi(Between(text, "error:", ":"), &error) ? error : 0;
}

// What the system said, for example "Connection reset by peer", in libcurl's text; may be empty.
std::string SystemError(absl::string_view text) {
  constexpr size_t kLongest = 80;
  absl::string_view error = Between(text, " failure: ", "\n");
  if (error.empty()) error = Between(text, "SSL_connect: ", " in connection to ");
  if (error.empty() && !absl::StrContains(text, "error:")) {
    error = Between(text, "SSL_read: ", ", errno");
    if (error.empty()) error = Between(text, "SSL_write: ", ", errno");
  }
  // "SSL_ERROR_SYSCALL" says nothing.
  return absl::StartsWith(error, "SSL_") ? "" : std::string(error.substr(0, kLongest));
}

std::string WithReason(absl::string_view message, absl::string_view reason) {
  return reason.empty() ? std::string(message) : absl::StrCat(message, ": ", reason);
}

std::string CertificateMessage(const CurlErrorDetail& detail) {
  if (detail.proxy_verify_result != X509_V_OK) {
    return WithReason("the proxy's certificate is not accepted",
                      X509_verify_cert_error_string(detail.proxy_verify_result));
  }
  constexpr absl::string_view kNotAccepted = "the peer's certificate is not accepted";
  // X509_V_ERR_UNSPECIFIED is libcurl's initial value, which remains if the host name is wrong.
  if (detail.verify_result != X509_V_OK && detail.verify_result != X509_V_ERR_UNSPECIFIED) {
    return WithReason(kNotAccepted, X509_verify_cert_error_string(detail.verify_result));
  }
  // OpenSSL has verified the chain, or it would have set an error; libcurl checks the host name.
  return WithReason(kNotAccepted, "it is not for the host's name");
}

std::string HandshakeMessage(absl::string_view text) {
  const auto error = OpenSslError(text);
  switch (ERR_GET_REASON(error)) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return kClosedInHandshake;
    case SSL_R_WRONG_VERSION_NUMBER:
      return "the peer does not speak TLS on this port";
    default:
      break;
  }
  if (const char* const reason = ERR_reason_error_string(error); reason != nullptr) {
    return WithReason("the TLS handshake failed", reason);
  }
  const std::string system_error = SystemError(text);
  // What OpenSSL says without an errno.
  if (system_error.empty() && absl::StrContains(text, "SSL_ERROR_SYSCALL"))
    return kClosedInHandshake;
  return WithReason("the connection broke during the TLS handshake", system_error);
}

std::string BrokenMessage(absl::string_view message, absl::string_view text) {
  if (absl::EndsWith(text, "chunked-encoding")) return kNotHttp;
  const auto error = OpenSslError(text);
  if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return WithReason(message, "the peer closed the connection without a TLS close_notify");
  }
  if (const char* const reason = ERR_reason_error_string(error); reason != nullptr) {
    return WithReason(message, reason);
  }
  return WithReason(message, SystemError(text));
}

bool IsProxyRefusal(const CurlErrorDetail& detail) {
  return detail.proxy_status != 0 && detail.proxy_status / 100 != 2;
}

std::string Message(CURLcode code, const CurlErrorDetail& detail) {
  if (IsProxyRefusal(detail)) {
    return absl::StrCat(
        "the proxy answered ", detail.proxy_status, " to CONNECT",
        detail.proxy_status == 407 ? ": it wants other credentials (proxy_credentials_file)" : "");
  }
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      return WithReason(
          detail.proxied ? "cannot connect to the proxy" : "cannot connect",
          detail.os_errno == 0 ? "" : std::system_category().message(detail.os_errno));
    case CURLE_OPERATION_TIMEDOUT:
      return "no complete reply in time";
    case CURLE_PEER_FAILED_VERIFICATION:
      return CertificateMessage(detail);
    case CURLE_SSL_CONNECT_ERROR:
      return HandshakeMessage(detail.text);
    case CURLE_SSL_CLIENTCERT:
      return "the peer requires a client certificate";
    case CURLE_SEND_ERROR:
      return BrokenMessage("the connection broke while the request was sent", detail.text);
    case CURLE_RECV_ERROR:
      return BrokenMessage("the connection broke before the reply was complete", detail.text);
    case CURLE_GOT_NOTHING:
      return "the peer closed the connection without a reply";
    case CURLE_PARTIAL_FILE:
      return "the peer closed the connection before the reply was complete";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return kNotHttp;
    default:
      return curl_easy_strerror(code);
  }
}

bool IsCertificateFault(CURLcode code, absl::string_view text) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    // The peer requires a client certificate, and we have none.
    case CURLE_SSL_CLIENTCERT:
      return true;
    // A TLS 1.3 server says so only when the client has finished its handshake.
    case CURLE_RECV_ERROR:
      return ERR_GET_REASON(OpenSslError(text)) == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED;
    default:
      return false;
  }
}

absl::StatusCode StatusCodeOf(CURLcode code) {
  switch (code) {
    // The URL's scheme was checked before, so the reply is not HTTP.
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_PARTIAL_FILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_NO_CONNECTION_AVAILABLE:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
    case CURLE_QUIC_CONNECT_ERROR:
    case CURLE_PROXY:
      return absl::StatusCode::kUnavailable;
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StatusCode::kDeadlineExceeded;
    case CURLE_FILESIZE_EXCEEDED:
      return absl::StatusCode::kResourceExhausted;
    // The cause is on our side: the request, how libcurl was built or set up, or a lack of memory.
    // A retry would fail again. Also errors of protocols that we do not use, and codes of later
    // versions.
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

HttpFailure CurlError(CURLcode code, const CurlErrorDetail& detail) {
  const bool certificate_fault = IsCertificateFault(code, detail.text);
  const bool unavailable = certificate_fault || IsProxyRefusal(detail);
  return {.status = absl::Status(unavailable ? absl::StatusCode::kUnavailable : StatusCodeOf(code),
                                 Message(code, detail)),
          .certificate_fault = certificate_fault};
}

}  // namespace uid2
