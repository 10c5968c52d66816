// SPDX-License-Identifier: Apache-2.0

#include "server/http/transport_choice.h"

#include <utility>

#include "server/http/curl/curl_http_client.h"
#include "server/http/wire/wire_http_client.h"

namespace uid2 {

absl::StatusOr<std::unique_ptr<HttpTransport>> MakeHttpTransport(
    const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
    const HttpMetrics& metrics) {
  if (options.transport == HttpClientOptions::Transport::kLean) {
    return WireHttpClient::New(options, std::move(trust_store), metrics);
  }
  return CurlHttpClient::New(options, std::move(trust_store), metrics);
}

}  // namespace uid2
