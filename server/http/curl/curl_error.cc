// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_error.h"

#include <openssl/x509_vfy.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/http/connection_failure.h"

namespace uid2 {
namespace {

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

ConnectionFault FaultIn(absl::string_view text) {
  ConnectionFault fault = {.openssl = OpenSslError(text), .system = SystemError(text)};
  // What OpenSSL says without an errno.
  fault.closed =
      fault.openssl == 0 && fault.system.empty() && absl::StrContains(text, "SSL_ERROR_SYSCALL");
  return fault;
}

absl::Status CertificateFault(const CurlErrorDetail& detail) {
  if (detail.proxy_verify_result != X509_V_OK) {
    return CertificateNotAccepted(detail.proxy_verify_result, "the proxy's");
  }
  // This is libcurl's initial value, which remains if the host name is wrong. Otherwise OpenSSL has
  // verified the chain, or it would have set an error; libcurl checks the host name.
  return CertificateNotAccepted(
      detail.verify_result == X509_V_ERR_UNSPECIFIED ? X509_V_OK : detail.verify_result);
}

bool IsProxyRefusal(const CurlErrorDetail& detail) {
  return detail.proxy_status != 0 && detail.proxy_status / 100 != 2;
}

// The failures that do not depend on libcurl; nullopt if it is another one.
absl::optional<absl::Status> ConnectionFailure(CURLcode code, const CurlErrorDetail& detail) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
      return CannotConnect(detail.os_errno, detail.proxied ? "the proxy" : "");
    case CURLE_PEER_FAILED_VERIFICATION:
      return CertificateFault(detail);
    case CURLE_SSL_CONNECT_ERROR:
      return HandshakeFailed(FaultIn(detail.text));
    case CURLE_SSL_CLIENTCERT:
      return ClientCertificateRequired();
    case CURLE_SEND_ERROR:
      return SendFailed(FaultIn(detail.text));
    case CURLE_RECV_ERROR:
      if (absl::EndsWith(detail.text, "chunked-encoding")) return absl::nullopt;
      return ReceiveFailed(FaultIn(detail.text));
    default:
      return absl::nullopt;
  }
}

std::string Message(CURLcode code, const CurlErrorDetail& detail) {
  if (IsProxyRefusal(detail)) {
    return absl::StrCat(
        "the proxy answered ", detail.proxy_status, " to CONNECT",
        detail.proxy_status == 407 ? ": it wants other credentials (proxy_credentials_file)" : "");
  }
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return kNoCompleteReplyInTime;
    case CURLE_GOT_NOTHING:
      return kClosedWithoutReply;
    case CURLE_PARTIAL_FILE:
      return kClosedBeforeReplyComplete;
    case CURLE_RECV_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return kNotValidHttp;
    default:
      return curl_easy_strerror(code);
  }
}

// Those that ConnectionFailure() does not know.
bool IsOtherCertificateFault(CURLcode code) {
  return code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH ||
         code == CURLE_SSL_INVALIDCERTSTATUS;
}

absl::StatusCode StatusCodeOf(CURLcode code) {
  switch (code) {
    // The URL's scheme was checked before, so the reply is not HTTP.
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
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
  const bool refused = IsProxyRefusal(detail);
  if (!refused) {
    absl::optional<absl::Status> failure = ConnectionFailure(code, detail);
    if (failure.has_value()) return ToHttpFailure(*std::move(failure));
  }
  const bool certificate_fault = IsOtherCertificateFault(code);
  const bool unavailable = certificate_fault || refused;
  return {.status = absl::Status(unavailable ? absl::StatusCode::kUnavailable : StatusCodeOf(code),
                                 Message(code, detail)),
          .certificate_fault = certificate_fault};
}

}  // namespace uid2
