// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/http/url.h"

namespace uid2::doctor {
namespace {

absl::Status SystemError(int error) { return absl::UnavailableError(std::strerror(error)); }

absl::Status AwaitConnected(int fd, absl::Duration timeout) {
  pollfd waiting = {.fd = fd, .events = POLLOUT, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  if (ready < 0) return SystemError(errno);
  if (ready == 0) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer within ", absl::FormatDuration(timeout)));
  }
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : SystemError(error);
}

absl::Status MakeBlocking(int fd, absl::Duration timeout) {
  const timeval limit = absl::ToTimeval(timeout);
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0) {
    return SystemError(errno);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OperatorAddress> ParseOperatorAddress(absl::string_view url) {
  const absl::StatusOr<Url> parsed = ParseUrl(url);
  if (!parsed.ok()) return parsed.status();
  OperatorAddress result;
  result.host = parsed->host;
  result.tls = parsed->scheme == "https";
  result.port = result.tls ? "443" : "80";
  absl::string_view authority = url.substr(url.find("://") + 3);
  authority = authority.substr(0, authority.find('/'));
  const size_t colon = authority.rfind(':');
  // A colon inside an IPv6 address does not separate the port.
  if (colon != absl::string_view::npos && !absl::EndsWith(authority, "]")) {
    result.port = std::string(authority.substr(colon + 1));
  }
  return result;
}

absl::StatusOr<std::vector<SocketAddress>> Resolve(const OperatorAddress& address) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (error != 0) return absl::NotFoundError(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<SocketAddress> result;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress one;
    std::memcpy(&one.storage, each->ai_addr, each->ai_addrlen);
    one.size = each->ai_addrlen;
    char text[NI_MAXHOST] = "?";
    (void)getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof(text), nullptr, 0,
                      NI_NUMERICHOST);
    one.text = text;
    result.push_back(std::move(one));
  }
  return result;
}

absl::StatusOr<FileDescriptor> Connect(const SocketAddress& address, absl::Duration timeout) {
  FileDescriptor fd(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return SystemError(errno);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    if (errno != EINPROGRESS) return SystemError(errno);
    const absl::Status connected = AwaitConnected(fd.get(), timeout);
    if (!connected.ok()) return connected;
  }
  const absl::Status blocking = MakeBlocking(fd.get(), timeout);
  if (!blocking.ok()) return blocking;
  return fd;
}

}  // namespace uid2::doctor
