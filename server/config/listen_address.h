// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_LISTEN_ADDRESS_H_
#define SERVER_CONFIG_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/event/file_descriptor.h"

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

// Returns a socket that listens on the first address of `text` that can be bound, and does not
// block; port 0 picks a free port. Errors say how to fix the problem, and that `field` names the
// address.
absl::StatusOr<FileDescriptor> ListenOn(absl::string_view text, absl::string_view field);

// Returns `configured`, "HOST:PORT", with its port replaced by the one that was bound.
std::string WithPort(absl::string_view configured, int port);

// Returns a message that explains why gRPC could not listen on `text`; gRPC gives no reason.
std::string ExplainListenFailure(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_CONFIG_LISTEN_ADDRESS_H_
