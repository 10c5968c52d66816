// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_PROXY_H_
#define SERVER_HTTP_CURL_CURL_PROXY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/http_client_options.h"

namespace uid2 {

// Whether requests to `url` go through a proxy.
bool UsesProxy(absl::string_view url, const HttpClientOptions& options);

// Makes the transfers of `handle`, which are to https URLs, go through the proxy of `options`, in a
// tunnel that the proxy opens for CONNECT: the proxy sees neither requests nor replies. A proxy
// that speaks TLS is verified as the handle's other peers are.
absl::Status TunnelThroughProxy(CurlHandle& handle, const HttpClientOptions& options);

// Makes the transfers of `handle` go directly to their URLs, whatever the environment says.
absl::Status UseNoProxy(CurlHandle& handle);

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_PROXY_H_
