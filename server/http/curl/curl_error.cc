// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_error.h"

#include <openssl/x509_vfy.h>

#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/http/tls/certificate_fault.h"

namespace uid2 {
namespace {

std::string Message(CURLcode code, const CurlErrorDetail& detail) {
  std::string message = curl_easy_strerror(code);
  // X509_V_ERR_UNSPECIFIED is libcurl's initial value, which remains if the host name is wrong.
  if (detail.verify_result != X509_V_OK && detail.verify_result != X509_V_ERR_UNSPECIFIED) {
    absl::StrAppend(&message, ": ", X509_verify_cert_error_string(detail.verify_result));
  } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
    // OpenSSL has verified the chain, or it would have set an error; libcurl checks the host name.
    absl::StrAppend(&message, ": the certificate is not for the host's name");
  } else if (detail.os_errno != 0) {
    absl::StrAppend(&message, ": ", std::system_category().message(detail.os_errno));
  }
  return message;
}

}  // namespace

absl::Status CurlError(CURLcode code, const CurlErrorDetail& detail) {
  const std::string message = Message(code, detail);
  // In the order of libcurl-errors(3).
  switch (code) {
    // The URL's scheme was checked before, so the reply is not HTTP.
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_PARTIAL_FILE:
      return absl::UnavailableError(message);
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(message);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return absl::UnavailableError(message);
    case CURLE_PEER_FAILED_VERIFICATION:
      return MakeCertificateFault(message);
    case CURLE_BAD_CONTENT_ENCODING:
      return absl::UnavailableError(message);
    case CURLE_FILESIZE_EXCEEDED:
      return absl::ResourceExhaustedError(message);
    case CURLE_SSL_SHUTDOWN_FAILED:
      return absl::UnavailableError(message);
    case CURLE_SSL_ISSUER_ERROR:
      return MakeCertificateFault(message);
    case CURLE_NO_CONNECTION_AVAILABLE:
      return absl::UnavailableError(message);
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return MakeCertificateFault(message);
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
    case CURLE_QUIC_CONNECT_ERROR:
    case CURLE_PROXY:
      return absl::UnavailableError(message);
    // The peer requires a client certificate, and we have none.
    case CURLE_SSL_CLIENTCERT:
      return MakeCertificateFault(message);

    // The cause is on our side: the request, how libcurl was built or set up, or a lack of memory.
    // A retry would fail again.
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_HTTP_RETURNED_ERROR:
    case CURLE_WRITE_ERROR:
    case CURLE_UPLOAD_FAILED:
    case CURLE_READ_ERROR:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_RANGE_ERROR:
    case CURLE_HTTP_POST_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_INTERFACE_FAILED:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_SETOPT_OPTION_SYNTAX:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_LOGIN_DENIED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_AGAIN:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_RECURSIVE_API_CALL:
    case CURLE_AUTH_ERROR:
    case CURLE_UNRECOVERABLE_POLL:
    // Errors of protocols that we do not use, and codes of later versions.
    default:
      return absl::InternalError(message);
  }
}

}  // namespace uid2
