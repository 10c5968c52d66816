// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HTTP_CLIENT_OPTIONS_H_
#define SERVER_HTTP_CURL_CURL_HTTP_CLIENT_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace uid2 {

// As OperatorConnection of server_config.proto says, which has the ranges; here each has only
// to make sense.
struct CurlHttpClientOptions {
  // For one connection to be made, name look-up and TLS included. At least 1 ms.
  absl::Duration connect_timeout = absl::Seconds(1);

  // For one request from start to end. At least 1 ms.
  absl::Duration request_timeout = absl::Milliseconds(1500);

  // The longest body that is read, in bytes. At least 1.
  int64_t max_reply_bytes = 65536;

  // Connections kept for reuse beside those in use. At least 1.
  int max_idle_connections = 256;

  // A connection that was idle this long is not used again; whole seconds count. At least 1 s.
  absl::Duration idle_timeout = absl::Seconds(50);

  // A host's name is looked up again after this, and a move seen by new connections. Positive.
  absl::Duration address_age = absl::Seconds(30);
};

// kInvalidArgument, naming the field.
absl::Status Validate(const CurlHttpClientOptions& options);

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HTTP_CLIENT_OPTIONS_H_
