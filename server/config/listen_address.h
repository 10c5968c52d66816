// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_LISTEN_ADDRESS_H_
#define SERVER_CONFIG_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2 {

constexpr char kDefaultListenAddress[] = "127.0.0.1:50051";

struct ListenAddress {
  std::string host;  // an IPv6 address without its brackets
  int port = 0;
};

// Accepts "HOST:PORT" and "[IPV6]:PORT".
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Whether gRPC may listen on `text`. Unless clients are `authenticated`, any address other than
// loopback requires `insecure`.
absl::Status CheckListenAddress(absl::string_view text, bool authenticated, bool insecure);

// Returns a message that explains why gRPC could not listen on `text`; gRPC gives no reason.
std::string ExplainListenFailure(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_CONFIG_LISTEN_ADDRESS_H_
