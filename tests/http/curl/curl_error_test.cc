// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_error.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Lt;
using uid2::testing::StatusIs;

TEST(CurlErrorTest, EveryCodeHasItsStatus) {
  const std::set<int> unavailable = {
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_COULDNT_RESOLVE_PROXY,
      CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
      CURLE_WEIRD_SERVER_REPLY,   CURLE_HTTP2,
      CURLE_PARTIAL_FILE,         CURLE_SSL_CONNECT_ERROR,
      CURLE_GOT_NOTHING,          CURLE_SEND_ERROR,
      CURLE_RECV_ERROR,           CURLE_BAD_CONTENT_ENCODING,
      CURLE_SSL_SHUTDOWN_FAILED,  CURLE_NO_CONNECTION_AVAILABLE,
      CURLE_HTTP2_STREAM,         CURLE_HTTP3,
      CURLE_QUIC_CONNECT_ERROR,   CURLE_PROXY,
  };
  const std::set<int> certificate_fault = {
      CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS,    CURLE_SSL_CLIENTCERT,
  };
  // Any code not listed here, including those of later versions, must not be retried.
  for (int code = 1; code <= CURL_LAST + 10; ++code) {
    absl::StatusCode expected = absl::StatusCode::kInternal;
    if (unavailable.count(code) + certificate_fault.count(code) > 0) {
      expected = absl::StatusCode::kUnavailable;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) expected = absl::StatusCode::kDeadlineExceeded;
    if (code == CURLE_FILESIZE_EXCEEDED) expected = absl::StatusCode::kResourceExhausted;
    const HttpFailure failure = CurlError(static_cast<CURLcode>(code));
    EXPECT_THAT(failure.status, StatusIs(expected)) << code;
    EXPECT_THAT(failure.certificate_fault, Eq(certificate_fault.count(code) == 1)) << code;
  }
}

struct Cause {
  std::string situation;
  CURLcode code;
  CurlErrorDetail detail;
  std::string message;
};

// The texts are those of libcurl 7.88.1 with OpenSSL 3.0.
TEST(CurlErrorTest, SaysTheCause) {
  const Cause rows[] = {
      {"nobody listens",
       CURLE_COULDNT_CONNECT,
       {.os_errno = ECONNREFUSED},
       "cannot connect: Connection refused"},
      {"no address can be tried", CURLE_COULDNT_CONNECT, {}, "cannot connect"},
      {"the certificate has expired",
       CURLE_PEER_FAILED_VERIFICATION,
       {.verify_result = X509_V_ERR_CERT_HAS_EXPIRED},
       "the peer's certificate is not accepted: certificate has expired"},
      {"the certificate is for another name",
       CURLE_PEER_FAILED_VERIFICATION,
       {.verify_result = X509_V_OK,
        .text = "SSL: no alternative certificate subject name matches target host name 'secret'"},
       "the peer's certificate is not accepted: it is not for the host's name"},
      {"the certificate's name was not checked",
       CURLE_PEER_FAILED_VERIFICATION,
       {.verify_result = X509_V_ERR_UNSPECIFIED},
       "the peer's certificate is not accepted: it is not for the host's name"},
      {"closed in the handshake",
       CURLE_SSL_CONNECT_ERROR,
       {.text = "OpenSSL/3.0.17: error:0A000126:SSL routines::unexpected eof while reading"},
       "the peer closed the connection during the TLS handshake"},
      {"reset in the handshake",
       CURLE_SSL_CONNECT_ERROR,
       {.text = "OpenSSL SSL_connect: Connection reset by peer in connection to secret:443 "},
       "the connection broke during the TLS handshake: Connection reset by peer"},
      {"closed before the server's first byte",
       CURLE_SSL_CONNECT_ERROR,
       {.text = "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to secret:443 "},
       "the peer closed the connection during the TLS handshake"},
      {"no TLS",
       CURLE_SSL_CONNECT_ERROR,
       {.text = "OpenSSL/3.0.17: error:0A00010B:SSL routines::wrong version number"},
       "the peer does not speak TLS on this port"},
      {"an alert",
       CURLE_SSL_CONNECT_ERROR,
       {.text = "OpenSSL/3.0.17: error:0A000410:SSL routines::sslv3 alert handshake failure"},
       "the TLS handshake failed: sslv3 alert handshake failure"},
      {"no text", CURLE_SSL_CONNECT_ERROR, {}, "the connection broke during the TLS handshake"},
      {"reset",
       CURLE_RECV_ERROR,
       {.text = "Recv failure: Connection reset by peer"},
       "the connection broke before the reply was complete: Connection reset by peer"},
      {"a chunk's size that is no number",
       CURLE_RECV_ERROR,
       {.text = "Illegal or missing hexadecimal sequence in chunked-encoding"},
       "the reply is not valid HTTP"},
      {"reset under TLS",
       CURLE_RECV_ERROR,
       {.text = "OpenSSL SSL_read: Connection reset by peer, errno 104"},
       "the connection broke before the reply was complete: Connection reset by peer"},
      {"closed under TLS",
       CURLE_RECV_ERROR,
       {.text = "OpenSSL SSL_read: OpenSSL/3.0.17: error:0A000126:SSL routines::unexpected eof "
                "while reading, errno 0"},
       "the connection broke before the reply was complete: the peer closed the connection without "
       "a TLS close_notify"},
      {"reset while sending",
       CURLE_SEND_ERROR,
       {.text = "Send failure: Broken pipe"},
       "the connection broke while the request was sent: Broken pipe"},
      {"closed without a reply",
       CURLE_GOT_NOTHING,
       {.text = "Empty reply from server"},
       "the peer closed the connection without a reply"},
      {"the proxy refuses connections",
       CURLE_COULDNT_CONNECT,
       {.proxied = true, .os_errno = ECONNREFUSED},
       "cannot connect to the proxy: Connection refused"},
      {"the proxy refuses the host",
       CURLE_RECV_ERROR,
       {.proxied = true, .proxy_status = 403, .text = "CONNECT tunnel failed, response 403"},
       "the proxy answered 403 to CONNECT"},
      {"broken in a tunnel",
       CURLE_RECV_ERROR,
       {.proxied = true, .proxy_status = 200, .text = "Recv failure: Connection reset by peer"},
       "the connection broke before the reply was complete: Connection reset by peer"},
      {"the proxy's certificate has expired",
       CURLE_PEER_FAILED_VERIFICATION,
       {.proxied = true, .proxy_verify_result = X509_V_ERR_CERT_HAS_EXPIRED},
       "the proxy's certificate is not accepted: certificate has expired"},
      {"any other code", CURLE_HTTP2, {.text = "secret"}, curl_easy_strerror(CURLE_HTTP2)},
  };
  // libcurl does this before its first transfer.
  ASSERT_THAT(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr), Eq(1));
  for (const Cause& row : rows) {
    EXPECT_THAT(CurlError(row.code, row.detail).status.message(), Eq(row.message)) << row.situation;
  }
}

TEST(CurlErrorTest, ATls13ServerThatRequiresACertificateIsACertificateFault) {
  const HttpFailure failure = CurlError(
      CURLE_RECV_ERROR,
      {.text = "OpenSSL SSL_read: OpenSSL/3.0.17: error:0A00045C:SSL routines::tlsv13 alert "
               "certificate required, errno 0"});
  EXPECT_TRUE(failure.certificate_fault);
  EXPECT_THAT(failure.status,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("before the reply was complete")));
}

TEST(CurlErrorTest, TheMessageIsBounded) {
  const std::string text = "Recv failure: " + std::string(CURL_ERROR_SIZE, 'x');
  EXPECT_THAT(CurlError(CURLE_RECV_ERROR, {.text = text}).status.message().size(), Lt(200));
}

}  // namespace
}  // namespace uid2
