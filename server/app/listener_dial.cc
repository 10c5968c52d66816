// SPDX-License-Identifier: Apache-2.0

#include "server/app/listener_dial.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/config/listen_address.h"
#include "server/event/file_descriptor.h"

namespace uid2 {
namespace {

using TimePoint = ListenerDial::TimePoint;

// The client's connection preface with empty SETTINGS (RFC 9113, section 3.4).
constexpr absl::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
constexpr size_t kFrameHeaderBytes = 9;
constexpr char kSettingsFrame = 4;

bool IsWildcard(const ListenerAddress& listener) {
  const sockaddr_storage& address = listener.address;
  if (address.ss_family == AF_INET6) {
    return IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  }
  return reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr == htonl(INADDR_ANY);
}

ListenerAddress Loopback(int port) {
  sockaddr_in loopback = {};
  loopback.sin_family = AF_INET;
  loopback.sin_port = htons(static_cast<uint16_t>(port));
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ListenerAddress result;
  std::memcpy(&result.address, &loopback, sizeof(loopback));
  result.size = sizeof(loopback);
  return result;
}

absl::Status Unavailable(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

absl::Status Closed() {
  return absl::UnavailableError("the connection was closed without an answer");
}

// Waits until `events` have happened to `fd`.
absl::Status Await(int fd, short events, int stop, TimePoint deadline) {
  pollfd entries[] = {{fd, events, 0}, {stop, POLLIN, 0}};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const int ready = poll(entries, 2, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready < 0 && errno != EINTR) return Unavailable("poll", errno);
    if (ready == 0) return absl::UnavailableError("no answer in time");
    if (ready < 0) continue;
    if (entries[1].revents != 0) return absl::CancelledError("stopped");
    return absl::OkStatus();
  }
}

bool MayTryAgain(int error) { return error == EAGAIN || error == EINTR; }

// Errors of socket() and connect() that say something about this side only.
bool IsOwnShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
         error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EAGAIN;
}

absl::Status ConnectFailure(int error) {
  if (IsOwnShortage(error)) return absl::ResourceExhaustedError(std::strerror(error));
  return Unavailable("cannot connect", error);
}

absl::StatusOr<FileDescriptor> Connect(const ListenerAddress& address, int stop,
                                       TimePoint deadline) {
  FileDescriptor connection(
      socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection.valid()) return ConnectFailure(errno);
  {
    // The server needs a descriptor to accept the connection. If there were none, gRPC would stop
    // listening: the probe would cause what it looks for.
    const FileDescriptor spare(fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
    if (!spare.valid()) return ConnectFailure(errno);
  }
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address.address),
              address.size) == 0) {
    return connection;
  }
  if (errno != EINPROGRESS) return ConnectFailure(errno);
  const absl::Status connected = Await(connection.get(), POLLOUT, stop, deadline);
  if (!connected.ok()) return connected;
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(connection.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return ConnectFailure(error);
  return connection;
}

absl::Status AwaitSettings(int connection, int stop, TimePoint deadline) {
  // A new connection has room for so few bytes.
  const ssize_t sent = send(connection, kPreface.data(), kPreface.size(), MSG_NOSIGNAL);
  if (sent < 0) return Closed();
  char frame[kFrameHeaderBytes];
  size_t received = 0;
  while (received < sizeof(frame)) {
    if (absl::Status readable = Await(connection, POLLIN, stop, deadline); !readable.ok()) {
      return readable;
    }
    const ssize_t size = recv(connection, frame + received, sizeof(frame) - received, 0);
    if (size < 0 && MayTryAgain(errno)) continue;
    if (size <= 0) return Closed();
    received += static_cast<size_t>(size);
  }
  if (frame[3] != kSettingsFrame) return absl::UnavailableError("the answer is not HTTP/2");
  return absl::OkStatus();
}

// Pauses the handshake. To go on without a client certificate, or to refuse the server's, would
// make the server log an error.
int PauseAtCertificate(X509_STORE_CTX* store, void* /*argument*/) {
  void* const connection = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  return SSL_set_retry_verify(static_cast<SSL*>(connection));
}

absl::Status AwaitCertificate(SSL_CTX* context, int connection, int stop, TimePoint deadline) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context), &SSL_free);
  if (tls == nullptr || SSL_set_fd(tls.get(), connection) != 1) {
    ERR_clear_error();
    return absl::ResourceExhaustedError("OpenSSL has no memory");
  }
  while (true) {
    ERR_clear_error();
    switch (SSL_get_error(tls.get(), SSL_connect(tls.get()))) {
      case SSL_ERROR_WANT_RETRY_VERIFY:
        return absl::OkStatus();
      case SSL_ERROR_WANT_READ: {
        const absl::Status readable = Await(connection, POLLIN, stop, deadline);
        if (!readable.ok()) return readable;
        break;
      }
      case SSL_ERROR_SSL:
        ERR_clear_error();
        return absl::UnavailableError("the TLS handshake failed before the server's certificate");
      default:
        ERR_clear_error();
        return Closed();
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<ListenerAddress>> ResolveListener(const std::string& listen_address) {
  const absl::StatusOr<ListenAddress> parsed = ParseListenAddress(listen_address);
  if (!parsed.ok()) return parsed.status();
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(parsed->host.c_str(), absl::StrCat(parsed->port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot look up ", parsed->host, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  std::vector<ListenerAddress> addresses;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    ListenerAddress address;
    std::memcpy(&address.address, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(IsWildcard(address) ? Loopback(parsed->port) : address);
  }
  return addresses;
}

void ListenerDial::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

absl::StatusOr<ListenerDial> ListenerDial::New(bool tls) {
  if (!tls) return ListenerDial(nullptr);
  ListenerDial dial(SSL_CTX_new(TLS_client_method()));
  constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  if (dial.context_ == nullptr ||
      SSL_CTX_set_alpn_protos(dial.context_.get(), kHttp2, sizeof(kHttp2)) != 0) {
    ERR_clear_error();
    return absl::InternalError("OpenSSL cannot be initialized");
  }
  SSL_CTX_set_cert_verify_callback(dial.context_.get(), &PauseAtCertificate, nullptr);
  return dial;
}

absl::Status ListenerDial::Dial(const ListenerAddress& address, int stop,
                                TimePoint deadline) const {
  const absl::StatusOr<FileDescriptor> connection = Connect(address, stop, deadline);
  if (!connection.ok()) return connection.status();
  return context_ == nullptr ? AwaitSettings(connection->get(), stop, deadline)
                             : AwaitCertificate(context_.get(), connection->get(), stop, deadline);
}

}  // namespace uid2
