// SPDX-License-Identifier: Apache-2.0

#include "server/http/peer_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace uid2 {
namespace {

// An idle connection whose peer has vanished is noticed in 20 seconds, before it is idle for
// idle_timeout, and middleboxes see that it is in use.
constexpr int kKeepAliveIdleSeconds = 15;
constexpr int kKeepAliveIntervalSeconds = 5;

// The shortest time after which the system gives up a connection whose peer acknowledges nothing.
// It is longer than a few lost packets take.
constexpr absl::Duration kMinUserTimeout = absl::Seconds(5);

}  // namespace

absl::Duration UserTimeout(absl::Duration connect_timeout, absl::Duration request_timeout) {
  return std::max({connect_timeout, request_timeout, kMinUserTimeout});
}

absl::StatusOr<FileDescriptor> OpenPeerSocket(int family, absl::Duration user_timeout) {
  FileDescriptor fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "cannot open a socket");
  // The system's type is an int of milliseconds; its largest value is practically unlimited.
  const int user_timeout_ms = static_cast<int>(std::min<int64_t>(
      absl::ToInt64Milliseconds(absl::Ceil(user_timeout, absl::Milliseconds(1))), 0x7fffffff));
  const struct {
    int level;
    int name;
    int value;
  } options[] = {
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds},
      {IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms},
  };
  for (const auto& option : options) {
    if (setsockopt(fd.get(), option.level, option.name, &option.value, sizeof(option.value)) != 0) {
      return absl::ErrnoToStatus(errno, "cannot set a socket's option");
    }
  }
  return fd;
}

}  // namespace uid2
