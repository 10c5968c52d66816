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

using AddressList = std::unique_ptr<addrinfo, AddressDeleter>;

// Returns a socket that listens on `address`; one that is not valid, with errno, if that fails.
FileDescriptor TryToListen(const addrinfo& address) {
  FileDescriptor listener(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!listener.valid() ||
      setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(listener.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      listen(listener.get(), SOMAXCONN) != 0) {
    return FileDescriptor();
  }
  return listener;
}

std::string Advice(int error, absl::string_view field) {
  switch (error) {
    case EADDRINUSE:
      return absl::StrCat("; stop the process that uses it, or set ", field,
                          " to another port (0 picks a free one)");
    case EACCES:
      return "; ports below 1024 require a privilege: use a higher one";
    case EADDRNOTAVAIL:
      return "; no interface of this machine has that address";
    default:
      return "";
  }
}

// Returns the addresses of `text`.
absl::StatusOr<AddressList> Resolve(absl::string_view text) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  if (!address.ok()) return address.status();
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int lookup =
      getaddrinfo(address->host.c_str(), absl::StrCat(address->port).c_str(), &hints, &found);
  if (lookup != 0) return absl::UnavailableError(gai_strerror(lookup));
  return AddressList(found);
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

absl::StatusOr<FileDescriptor> ListenOn(absl::string_view text, absl::string_view field) {
  const absl::StatusOr<AddressList> list = Resolve(text);
  std::string reason(list.status().message());
  const addrinfo* entry = list.ok() ? list->get() : nullptr;
  for (; entry != nullptr; entry = entry->ai_next) {
    FileDescriptor listener = TryToListen(*entry);
    if (listener.valid()) return listener;
    const int error = errno;
    reason = absl::StrCat(std::strerror(error), Advice(error, field));
  }
  return absl::UnavailableError(absl::StrCat(field, ": cannot listen on ", text, ": ", reason));
}

std::string WithPort(absl::string_view configured, int port) {
  return absl::StrCat(configured.substr(0, configured.rfind(':')), ":", port);
}

std::string ExplainListenFailure(absl::string_view text) {
  const std::string failure = absl::StrCat("cannot listen on ", text);
  const absl::StatusOr<AddressList> list = Resolve(text);
  if (!list.ok()) return absl::StrCat(failure, ": ", list.status().message());
  for (const addrinfo* entry = list->get(); entry != nullptr; entry = entry->ai_next) {
    if (TryToListen(*entry).valid()) continue;
    const int error = errno;
    return absl::StrCat(failure, ": ", std::strerror(error), Advice(error, "listen_address"));
  }
  return failure;
}

}  // namespace uid2
