// SPDX-License-Identifier: Apache-2.0

#include "server/http/http_client_options.h"

namespace uid2 {

absl::Status Validate(const HttpClientOptions& options) {
  // For libcurl, a time limit or count of 0 means that there is no limit.
  if (options.connect_timeout < absl::Milliseconds(1)) {
    return absl::InvalidArgumentError("connect_timeout is below 1 ms");
  }
  if (options.request_timeout < absl::Milliseconds(1)) {
    return absl::InvalidArgumentError("request_timeout is below 1 ms");
  }
  if (options.max_reply_bytes < 1) {
    return absl::InvalidArgumentError("max_reply_bytes is below 1");
  }
  if (options.max_idle_connections < 1) {
    return absl::InvalidArgumentError("max_idle_connections is below 1");
  }
  if (options.idle_timeout < absl::Seconds(1)) {
    return absl::InvalidArgumentError("idle_timeout is below 1 s");
  }
  if (options.address_age <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("address_age is not positive");
  }
  if (options.transport == HttpClientOptions::Transport::kLean &&
      (options.http_version == HttpClientOptions::HttpVersion::kHttp2 ||
       !options.proxy_url.empty())) {
    return absl::InvalidArgumentError("transport is kLean, which has neither HTTP/2 nor proxies");
  }
  return absl::OkStatus();
}

}  // namespace uid2
