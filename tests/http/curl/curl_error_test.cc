// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_error.h"

#include <openssl/x509_vfy.h>

#include <cerrno>
#include <set>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/tls/certificate_fault.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
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
    const absl::Status status = CurlError(static_cast<CURLcode>(code));
    EXPECT_THAT(status, StatusIs(expected)) << code;
    EXPECT_THAT(IsCertificateFault(status), Eq(certificate_fault.count(code) == 1)) << code;
  }
}

TEST(CurlErrorTest, SaysWhyTheConnectionFailed) {
  EXPECT_THAT(CurlError(CURLE_COULDNT_CONNECT, {.os_errno = ECONNREFUSED}).message(),
              HasSubstr("Connection refused"));
  EXPECT_THAT(CurlError(CURLE_COULDNT_CONNECT).message(), Not(HasSubstr(":")));
}

TEST(CurlErrorTest, SaysWhyACertificateDoesNotVerify) {
  const absl::Status expired =
      CurlError(CURLE_PEER_FAILED_VERIFICATION, {.verify_result = X509_V_ERR_CERT_HAS_EXPIRED});
  EXPECT_THAT(expired.message(), HasSubstr("certificate has expired"));
  for (const long verify_result : {X509_V_OK, X509_V_ERR_UNSPECIFIED}) {
    EXPECT_THAT(
        CurlError(CURLE_PEER_FAILED_VERIFICATION, {.verify_result = verify_result}).message(),
        HasSubstr("host's name"));
  }
}

TEST(CertificateFaultTest, OtherErrorsAreNotCertificateFaults) {
  EXPECT_TRUE(IsCertificateFault(MakeCertificateFault("x")));
  EXPECT_FALSE(IsCertificateFault(absl::UnavailableError("x")));
  EXPECT_FALSE(IsCertificateFault(absl::OkStatus()));
}

}  // namespace
}  // namespace uid2
