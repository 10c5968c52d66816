// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_ERROR_H_
#define SERVER_HTTP_CURL_CURL_ERROR_H_

#include <curl/curl.h>

#include "absl/status/status.h"

namespace uid2 {

// What libcurl knows of a failed transfer beside its code.
struct CurlErrorDetail {
  // errno of the last failed attempt to connect; 0: none.
  int os_errno = 0;
  // Why the peer's certificate chain does not verify, X509_V_ERR_...; X509_V_OK: it does.
  long verify_result = 0;  // NOLINT(runtime/int): libcurl's type
};

// The failure of a transfer as HttpClient names it (http_client.h); `code` is not CURLE_OK.
// Whatever is not known to be mended by trying again is kInternal, or a certificate fault.
// The message holds libcurl's, the system's and OpenSSL's fixed texts only.
absl::Status CurlError(CURLcode code, const CurlErrorDetail& detail = {});

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_ERROR_H_
