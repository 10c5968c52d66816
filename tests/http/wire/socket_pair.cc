// SPDX-License-Identifier: Apache-2.0

#include "tests/http/wire/socket_pair.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace uid2::testing {
namespace {

// Much smaller ones make TCP wait for its timers.
constexpr int kSmallBuffer = 32768;

void Require(bool done) {
  if (!done) std::abort();
}

void Set(int fd, int level, int option, int value) {
  Require(setsockopt(fd, level, option, &value, sizeof(value)) == 0);
}

FileDescriptor NewSocket(bool small_buffers) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Require(fd.valid());
  Set(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (small_buffers) {
    Set(fd.get(), SOL_SOCKET, SO_SNDBUF, kSmallBuffer);
    Set(fd.get(), SOL_SOCKET, SO_RCVBUF, kSmallBuffer);
  }
  return fd;
}

}  // namespace

SocketPair Connect(bool small_buffers) {
  const FileDescriptor listener = NewSocket(small_buffers);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  Require(bind(listener.get(), any, size) == 0 && listen(listener.get(), 1) == 0 &&
          getsockname(listener.get(), any, &size) == 0);
  SocketPair pair;
  pair.client = NewSocket(small_buffers);
  Require(connect(pair.client.get(), any, size) == 0);
  pair.server = FileDescriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  Require(pair.server.valid());
  for (const int fd : {pair.client.get(), pair.server.get()}) {
    Require(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  }
  return pair;
}

bool Await(int fd, short events) {
  pollfd source = {fd, events, 0};
  return poll(&source, 1, 10'000) > 0;
}

bool Await(const ByteStream& stream, ByteStream::Wait wait) {
  return wait == ByteStream::Wait::kNone ||
         Await(stream.fd(), wait == ByteStream::Wait::kRead ? POLLIN : POLLOUT);
}

bool IsReadable(int fd) {
  pollfd source = {fd, POLLIN, 0};
  return poll(&source, 1, 0) > 0;
}

void Reset(FileDescriptor socket) {
  const linger no_linger = {.l_onoff = 1, .l_linger = 0};
  Require(setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &no_linger, sizeof(no_linger)) == 0);
}

}  // namespace uid2::testing
