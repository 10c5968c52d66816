// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_HTTP_CLIENT_OPTIONS_H_
#define SERVER_HTTP_HTTP_CLIENT_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/secrets/credentials.h"

namespace uid2 {

// See OperatorConnection in server_config.proto, which also limits the ranges. The limits here only
// exclude values that make no sense.
struct HttpClientOptions {
  // The time limit for opening a connection, including the name look-up and TLS. At least 1 ms.
  absl::Duration connect_timeout = absl::Seconds(1);

  // The time limit for one request, from start to end. At least 1 ms.
  absl::Duration request_timeout = absl::Milliseconds(1500);

  // The longest body that is read, in bytes. At least 1.
  int64_t max_reply_bytes = 65536;

  // The maximum number of idle connections that are kept for reuse. At least 1.
  int max_idle_connections = 256;

  // A connection that was idle for this long is not reused; rounded down to whole seconds. At least
  // 1 s.
  absl::Duration idle_timeout = absl::Seconds(50);

  // A host name is looked up again after this time; new connections then use the new addresses.
  // Must be positive.
  absl::Duration address_age = absl::Seconds(30);

  // Whether failed requests are retried. If not, they may take all of the call's time.
  bool retried = true;

  // The proxy for https URLs, "http://HOST:PORT" or "https://HOST:PORT"; none if empty. http URLs
  // are never sent through it.
  std::string proxy_url = {};

  // Null if the proxy asks for none.
  std::shared_ptr<const ProxyCredentials> proxy_credentials = nullptr;

  // Of https URLs, if the server has it. With HTTP/2, requests share connections.
  enum class HttpVersion { kHttp1_1, kHttp2 };
  HttpVersion http_version = HttpVersion::kHttp1_1;

  // What sends the requests. kLean has neither HTTP/2 nor proxies.
  enum class Transport { kLean, kLibcurl };
  Transport transport = Transport::kLean;
};

// Fails with kInvalidArgument, naming the field, if an option is invalid.
absl::Status Validate(const HttpClientOptions& options);

}  // namespace uid2

#endif  // SERVER_HTTP_HTTP_CLIENT_OPTIONS_H_
