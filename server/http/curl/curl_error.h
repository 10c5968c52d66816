// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_ERROR_H_
#define SERVER_HTTP_CURL_CURL_ERROR_H_

#include <curl/curl.h>

#include "absl/strings/string_view.h"
#include "server/http/http_client.h"

namespace uid2 {

// What libcurl knows about a failed transfer in addition to the code.
struct CurlErrorDetail {
  // The transfer was to go through a proxy.
  bool proxied = false;
  // The status of the proxy's reply to CONNECT, or 0.
  int proxy_status = 0;
  // Like verify_result, for the proxy.
  long proxy_verify_result = 0;  // NOLINT(runtime/int)
  // errno of the last failed attempt to connect, or 0.
  int os_errno = 0;
  // X509_V_OK, or the X509_V_ERR_... that says why the peer's certificate chain is not valid.
  long verify_result = 0;  // NOLINT(runtime/int): libcurl's type
  // The content of CURLOPT_ERRORBUFFER.
  absl::string_view text = {};
};

// Converts a transfer's failure to one of HttpClient, without a peer. `code` must not be CURLE_OK.
// Failures that a retry is not known to fix are kInternal or certificate faults. The message
// contains only fixed texts of ours, libcurl, the system and OpenSSL: of `detail.text`, which may
// name hosts, nothing else is used.
HttpFailure CurlError(CURLcode code, const CurlErrorDetail& detail = {});

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_ERROR_H_
