// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/socket_watch.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace uid2 {

absl::Status SocketWatch::Opened(int fd, std::string peer) {
  Socket& socket = At(fd);
  const uint32_t events = socket.wanted;
  socket = {};
  socket.peer = std::move(peer);
  return events == 0 ? absl::OkStatus() : Want(fd, events);
}

void SocketWatch::Connected(int fd, const ConnectionMetrics& connections) {
  Socket& socket = At(fd);
  socket.connections = connections;
  Count(socket, connections.active);
}

void SocketWatch::Established(int fd) {
  Socket& socket = At(fd);
  socket.established = true;
  if (socket.wanted == 0) Count(socket, socket.connections.idle);
}

void SocketWatch::Closed(int fd) {
  Socket& socket = At(fd);
  Count(socket, Gauge());
  socket = {};
}

absl::Status SocketWatch::Want(int fd, uint32_t events) {
  Socket& socket = At(fd);
  if (socket.established && socket.wanted == 0) Count(socket, socket.connections.active);
  socket.wanted = events;
  if (socket.established && socket.registered == events) return absl::OkStatus();
  const bool known = socket.registered != 0;
  socket.registered = events;
  if (known) {
    absl::Status status = loop_.Rewatch(fd, events);
    if (!absl::IsNotFound(status)) return status;
  }
  return loop_.Watch(fd, events, handler_);
}

void SocketWatch::WantNothing(int fd) {
  Socket& socket = At(fd);
  socket.wanted = 0;
  if (!socket.established) return Ignore(fd);
  Count(socket, socket.connections.idle);
}

void SocketWatch::Ignore(int fd) {
  Socket& socket = At(fd);
  if (socket.registered == 0) return;
  socket.registered = 0;
  loop_.Unwatch(fd);
}

bool SocketWatch::HasIdle(absl::string_view peer) const {
  return std::any_of(sockets_.begin(), sockets_.end(), [&](const Socket& socket) {
    return socket.established && socket.wanted == 0 && socket.peer == peer;
  });
}

void SocketWatch::CutIdle() {
  CutIf([](const Socket& socket) { return socket.wanted == 0; });
}

void SocketWatch::CutSilent(absl::string_view peer, Moment mark, bool shared) {
  CutIf([&](const Socket& socket) {
    return (shared || socket.wanted == 0) && socket.heard < mark && socket.peer == peer;
  });
}

template <typename Condition>
void SocketWatch::CutIf(const Condition& condition) {
  for (size_t fd = 0; fd < sockets_.size(); ++fd) {
    const Socket& socket = sockets_[fd];
    if (!socket.established || !condition(socket)) continue;
    // Fails if the peer has already closed the connection.
    (void)shutdown(static_cast<int>(fd), SHUT_RDWR);
  }
}

void SocketWatch::Count(Socket& socket, const Gauge& gauge) {
  socket.counted.Decrement();
  gauge.Increment();
  socket.counted = gauge;
}

SocketWatch::Socket& SocketWatch::At(int fd) {
  const size_t index = static_cast<size_t>(fd);
  if (index >= sockets_.size()) sockets_.resize(index + 1);
  return sockets_[index];
}

}  // namespace uid2
