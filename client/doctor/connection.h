// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_CONNECTION_H_
#define CLIENT_DOCTOR_CONNECTION_H_

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/event/file_descriptor.h"

namespace uid2::doctor {

// Where an operator_url points.
struct OperatorAddress {
  // An IPv6 address without its brackets.
  std::string host;
  std::string port;
  bool tls = true;
};

// Fails like ParseUrl().
absl::StatusOr<OperatorAddress> ParseOperatorAddress(absl::string_view url);

// One of the addresses of a host.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  // "192.0.2.1".
  std::string text;
};

// Uses the system's resolver, which may take many seconds to give up. kNotFound has its message.
absl::StatusOr<std::vector<SocketAddress>> Resolve(const OperatorAddress& address);

// Returns a connected socket whose reads and writes fail after `timeout`. Fails with
// kDeadlineExceeded, or with kUnavailable and the system's message.
absl::StatusOr<FileDescriptor> Connect(const SocketAddress& address, absl::Duration timeout);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_CONNECTION_H_
