// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CALL_OPTIONS_H_
#define CLIENT_CPP_CALL_OPTIONS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace uid2::client {

// How a call went, beside its result.
struct CallReport {
  // How often the request was sent over a connection; 0 if there was none.
  int attempts = 0;
  // The server that answered last, such as "ipv4:127.0.0.1:50051"; not empty if attempts > 0.
  std::string peer;
  // What the server sent beside the response, by lower-case name.
  std::multimap<std::string, std::string> metadata;
};

// What a call can be given besides its request. Converts from a time limit.
struct CallOptions {
  // The time limit for a whole call with all its attempts. It equals the server's default limit.
  // Pass less if the page should rather be shown without an identity; with less than half a second,
  // a slow operator looks like a broken one.
  static constexpr absl::Duration kDefaultTimeout = absl::Seconds(5);

  // Implicit, because the time limit is all that most calls need.
  // NOLINTNEXTLINE(google-explicit-constructor)
  CallOptions(absl::Duration limit = kDefaultTimeout) : timeout(limit) {}

  // A call fails at once if this is zero or less.
  absl::Duration timeout;
  // Sent with the request, such as {"traceparent", "00-..."}. Names are in lower case; those that
  // begin with "grpc-" are gRPC's own. gRPC ends the process for a name or value that HTTP/2 does
  // not allow.
  std::vector<std::pair<std::string, std::string>> metadata;
  // If set, filled in before the call returns or its callback runs, and must live until then.
  CallReport* report = nullptr;
};

}  // namespace uid2::client

#endif  // CLIENT_CPP_CALL_OPTIONS_H_
