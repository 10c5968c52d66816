// SPDX-License-Identifier: Apache-2.0

#include "server/config/listen_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/http/url.h"

namespace uid2 {
namespace {

struct AddressDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// Tries to bind to `address`. Returns errno if that fails, otherwise 0.
int TryToBind(const addrinfo& address) {
  const int socket_fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return errno;
  const int on = 1;
  int error = 0;
  if (setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(socket_fd, address.ai_addr, address.ai_addrlen) != 0 || listen(socket_fd, 1) != 0) {
    error = errno;
  }
  close(socket_fd);
  return error;
}

absl::string_view Advice(int error) {
  switch (error) {
    case EADDRINUSE:
      return "; stop the process that uses it, or set listen_address to another port (0 picks a "
             "free one)";
    case EACCES:
      return "; ports below 1024 require a privilege: use a higher one";
    case EADDRNOTAVAIL:
      return "; no interface of this machine has that address";
    default:
      return "";
  }
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const absl::Status malformed = absl::InvalidArgumentError(
      "must be \"HOST:PORT\" or \"[IPV6]:PORT\", with a port from 0 to 65535 in digits alone");
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return malformed;
  absl::string_view host = text.substr(0, colon);
  const absl::optional<int> port = ParsePort(text.substr(colon + 1));
  if (!port.has_value()) return malformed;
  if (absl::ConsumePrefix(&host, "[")) {
    // Only an IPv6 address is written in brackets.
    if (!absl::ConsumeSuffix(&host, "]") || !IsIpv6Address(host)) return malformed;
  } else if (absl::StrContains(host, ':') || !IsHost(host)) {
    return malformed;
  }
  return ListenAddress{std::string(host), *port};
}

absl::Status CheckListenAddress(absl::string_view text, bool authenticated, bool insecure) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  if (!address.ok()) return address.status();
  if (IsLoopbackHost(address->host) || authenticated || insecure) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "clients are not authenticated, so only a loopback address is allowed; set `tls` with a "
      "client_ca_file or, if something else authenticates them, such as the sidecar of a service "
      "mesh, `insecure: true`");
}

std::string ExplainListenFailure(absl::string_view text) {
  std::string failure = absl::StrCat("cannot listen on ", text);
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  if (!address.ok()) return absl::StrCat(failure, ": ", address.status().message());
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int lookup =
      getaddrinfo(address->host.c_str(), absl::StrCat(address->port).c_str(), &hints, &found);
  if (lookup != 0) return absl::StrCat(failure, ": ", gai_strerror(lookup));
  const std::unique_ptr<addrinfo, AddressDeleter> list(found);
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    const int error = TryToBind(*entry);
    if (error != 0) return absl::StrCat(failure, ": ", std::strerror(error), Advice(error));
  }
  return failure;
}

}  // namespace uid2
