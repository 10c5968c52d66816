// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/listening_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>

namespace uid2::testing {
namespace {

void Require(bool done) {
  if (!done) std::abort();
}

bool IsReadable(const FileDescriptor& fd, int milliseconds) {
  pollfd source = {fd.get(), POLLIN, 0};
  return poll(&source, 1, milliseconds) > 0;
}

FileDescriptor NewSocket() {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Require(fd.valid());
  return fd;
}

}  // namespace

ListeningPort::ListeningPort(const char* ip, int port, int backlog) : fd_(NewSocket()) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  Require(inet_pton(AF_INET, ip, &address.sin_addr) == 1 && bind(fd_.get(), any, size) == 0 &&
          listen(fd_.get(), backlog) == 0 && getsockname(fd_.get(), any, &size) == 0);
  port_ = ntohs(address.sin_port);
}

bool ListeningPort::HasConnection() const { return IsReadable(fd_, 0); }

bool ListeningPort::AwaitConnection() const { return IsReadable(fd_, 10'000); }

FileDescriptor ListeningPort::Accept() const {
  Require(AwaitConnection());
  FileDescriptor accepted(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  Require(accepted.valid());
  return accepted;
}

FileDescriptor ListeningPort::Fill() const {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  FileDescriptor filler = NewSocket();
  Require(getsockname(fd_.get(), any, &size) == 0 && connect(filler.get(), any, size) == 0);
  return filler;
}

}  // namespace uid2::testing
