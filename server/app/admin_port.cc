// SPDX-License-Identifier: Apache-2.0

#include "server/app/admin_port.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "server/config/listen_address.h"

namespace uid2 {
namespace {

constexpr char kField[] = "admin_address";
constexpr char kPaths[] = "/metrics\n/livez\n/readyz\n";
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

// Prometheus, a kubelet and a few people need a handful.
constexpr size_t kMaxConnections = 32;
// A connection that was told to close is open until libmicrohttpd has handled that. It accepts ten
// connections at a time in between.
constexpr unsigned int kClosingConnections = 16;
// A connection on which nothing happens for this long is closed.
constexpr unsigned int kIdleSeconds = 3;
// The request line and the headers must fit into this.
constexpr size_t kConnectionBytes = 8 << 10;
// How long to wait before the next attempt to accept a connection after one has failed.
constexpr int kAcceptPauseMs = 100;

absl::Status Unavailable(absl::string_view address, int error) {
  return absl::UnavailableError(absl::StrCat(kField, ": cannot serve ", address, ": ",
                                             std::strerror(error),
                                             "; raise the limits on threads and open files"));
}

int PortOf(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  // The port is in the same place in both kinds of address.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

MHD_Result Send(MHD_Connection* connection, unsigned int status, const char* content_type,
                std::string body, bool allow) {
  MHD_Response* response =
      MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_Result result = MHD_add_response_header(response, "Content-Type", content_type);
  if (result == MHD_YES) {
    result = MHD_add_response_header(response, "Cache-Control", "no-store");
  }
  if (result == MHD_YES && allow) {
    result = MHD_add_response_header(response, "Allow", "GET, HEAD");
  }
  if (result == MHD_YES) result = MHD_add_response_header(response, "Connection", "close");
  if (result == MHD_YES) result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

int SocketOf(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AdminPort>> AdminPort::Start(const std::string& address,
                                                            Sources sources) {
  absl::StatusOr<FileDescriptor> listener = ListenOn(address, kField);
  if (!listener.ok()) return listener.status();
  auto port = absl::WrapUnique(new AdminPort(std::move(sources)));
  port->address_ = WithPort(address, PortOf(listener->get()));
  // Its own function prints to stderr before it aborts.
  MHD_set_panic_func([](void*, const char*, unsigned int, const char*) { std::abort(); }, nullptr);
  port->stop_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!port->stop_.valid()) return Unavailable(address, errno);
  // Closed by the daemon, also if it does not start.
  const int socket = listener->release();
  // It logs nothing without MHD_USE_ERROR_LOG. Its own thread would busy-wait when a connection
  // cannot be accepted because no file descriptors are left.
  port->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL, 0, nullptr, nullptr, &OnRequest, port.get(), MHD_OPTION_LISTEN_SOCKET, socket,
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned int>(kMaxConnections) + kClosingConnections,
      MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kConnectionBytes, MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, port.get(),
      // The thread has all signals blocked.
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
  if (port->daemon_ == nullptr) return Unavailable(address, errno);
  absl::StatusOr<Thread> thread = Thread::Start("admin_port", [self = port.get()] { self->Run(); });
  if (!thread.ok()) return thread.status();
  port->thread_.emplace(*std::move(thread));
  return port;
}

AdminPort::~AdminPort() {
  // Fails only if the counter, which is 0, would overflow.
  if (stop_.valid()) (void)eventfd_write(stop_.get(), 1);
  thread_.reset();
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

void AdminPort::Run() {
  while (true) {
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    const bool has_timeout = MHD_get_timeout(daemon_, &timeout) == MHD_YES;
    if (Wait(has_timeout ? static_cast<int>(std::min<uint64_t>(timeout, INT_MAX)) : -1, true)) {
      return;
    }
    const bool idle = open_.empty();
    const int64_t before = opened_;
    // Fails only for a daemon that has a thread of its own.
    (void)MHD_run(daemon_);
    // Without connections, it was woken up for a new one. If there is none, it was not accepted.
    if (idle && opened_ == before && Wait(kAcceptPauseMs, false)) return;
  }
}

bool AdminPort::Wait(int milliseconds, bool for_clients) {
  const int clients = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  pollfd files[] = {{stop_.get(), POLLIN, 0}, {clients, POLLIN, 0}};
  // May return early if a debugger interrupts it.
  (void)poll(files, for_clients ? 2 : 1, milliseconds);
  return files[0].revents != 0;
}

void AdminPort::OnConnection(void* self, MHD_Connection* connection, void** /*connection_context*/,
                             MHD_ConnectionNotificationCode code) {
  auto* port = static_cast<AdminPort*>(self);
  const int socket = SocketOf(connection);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    port->Opened(socket);
  } else {
    port->Closed(socket);
  }
}

void AdminPort::Opened(int socket) {
  ++opened_;
  open_.push_back(socket);
  if (open_.size() <= kMaxConnections) return;
  // libmicrohttpd sees the end of the connection, and closes it. Fails if the peer has ended it.
  (void)shutdown(open_.front(), SHUT_RDWR);
  open_.erase(open_.begin());
}

void AdminPort::Closed(int socket) {
  open_.erase(std::remove(open_.begin(), open_.end(), socket), open_.end());
}

MHD_Result AdminPort::OnRequest(void* self, MHD_Connection* connection, const char* url,
                                const char* method, const char* /*version*/,
                                const char* /*upload_data*/, size_t* upload_data_size,
                                void** request_context) {
  const absl::string_view name = method;
  if (name != MHD_HTTP_METHOD_GET && name != MHD_HTTP_METHOD_HEAD) {
    return Send(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain; charset=utf-8",
                "only GET and HEAD are served\n", /*allow=*/true);
  }
  // The first call is for the headers, then come those for parts of a body, which is discarded, and
  // the last one is for the end of the request.
  if (*request_context == nullptr) {
    *request_context = self;
    return MHD_YES;
  }
  if (*upload_data_size > 0) {
    *upload_data_size = 0;
    return MHD_YES;
  }
  Answer answer = static_cast<AdminPort*>(self)->Respond(url);
  return Send(connection, answer.status, answer.content_type, std::move(answer.body),
              /*allow=*/false);
}

AdminPort::Answer AdminPort::Respond(absl::string_view path) const {
  if (path == "/metrics") return {MHD_HTTP_OK, sources_.metrics(), kMetricsType};
  const bool live = path == "/livez";
  if (!live && path != "/readyz") {
    return {MHD_HTTP_NOT_FOUND, absl::StrCat("not found; the paths are\n", kPaths)};
  }
  const absl::Status status = live ? sources_.live() : sources_.ready();
  if (status.ok()) return {MHD_HTTP_OK, "ok\n"};
  return {MHD_HTTP_SERVICE_UNAVAILABLE, absl::StrCat(status.message(), "\n")};
}

}  // namespace uid2
