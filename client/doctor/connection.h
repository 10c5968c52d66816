#ifndef CLIENT_DOCTOR_CONNECTION_H_
#define CLIENT_DOCTOR_CONNECTION_H_

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// Where an operator_url points.
struct OperatorAddress {
  // An IPv6 address without its brackets.
  std::string host;
  std::string port;
  bool tls = true;
};

// `url` has passed ParseUrl(); errors are its.
absl::StatusOr<OperatorAddress> ParseOperatorAddress(absl::string_view url);

// One of a host's addresses.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  // "192.0.2.1".
  std::string text;
};

// By the system's resolver, which may take many seconds to give up. kNotFound in its words.
absl::StatusOr<std::vector<SocketAddress>> Resolve(const OperatorAddress& address);

// A connected socket whose reads and writes fail after `timeout`. kUnavailable in the system's
// words, kDeadlineExceeded.
absl::StatusOr<FileDescriptor> Connect(const SocketAddress& address, absl::Duration timeout);

}  // namespace uid2

#endif  // CLIENT_DOCTOR_CONNECTION_H_
