// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

constexpr uint32_t kReadable = EPOLLIN | EPOLLRDHUP;

int Listen(uint16_t& port) {
  const int listener = CheckCall(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                                 "cannot make a socket");
  const int on = 1;
  CheckCall(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "SO_REUSEADDR");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  CheckCall(bind(listener, reinterpret_cast<sockaddr*>(&address), length), "cannot bind");
  CheckCall(listen(listener, SOMAXCONN), "cannot listen");
  CheckCall(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

HttpServer::HttpServer(OperatorStub& stub, uint16_t port, std::chrono::nanoseconds delay,
                       SslContext tls)
    : stub_(stub),
      delay_(delay),
      tls_(std::move(tls)),
      handler_([this](HttpConnection& connection, const OperatorRequest& request) {
        OnRequest(connection, request);
      }),
      port_(port) {
  listener_ = Listen(port_);
  epoll_ = CheckCall(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  timer_ = CheckCall(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
  Watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  Watch(timer_, EPOLLIN, EPOLL_CTL_ADD);
}

HttpServer::~HttpServer() {
  close(timer_);
  close(epoll_);
  close(listener_);
}

void HttpServer::Run(int stop) {
  Watch(stop, EPOLLIN, EPOLL_CTL_ADD);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      if (event.data.fd == stop) return;
      if (event.data.fd == listener_) {
        Accept();
      } else if (event.data.fd == timer_) {
        SendDue();
      } else {
        Serve(event.data.fd, event.events);
      }
    }
  }
}

void HttpServer::Watch(int descriptor, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  CheckCall(epoll_ctl(epoll_, operation, descriptor, &event), "epoll_ctl");
}

void HttpServer::Accept() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      // Fail if descriptors run out. Otherwise the operator would merely look slow, and the
      // measurement would be wrong.
      Check(errno == EAGAIN || errno == ECONNABORTED,
            "cannot accept a connection: raise the open-file limit (ulimit -n)");
      return;
    }
    const int on = 1;
    CheckCall(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "TCP_NODELAY");
    auto stream = tls_ == nullptr ? std::make_unique<ServerStream>(socket)
                                  : std::make_unique<ServerStream>(socket, *tls_);
    connections_[socket] = std::make_shared<HttpConnection>(std::move(stream), handler_);
    Watch(socket, kReadable, EPOLL_CTL_ADD);
  }
}

void HttpServer::Serve(int socket, uint32_t events) {
  const auto found = connections_.find(socket);
  if (found == connections_.end()) return;
  HttpConnection& connection = *found->second;
  bool alive = true;
  if ((events & EPOLLOUT) != 0) {
    alive = connection.Flush();
    if (alive && !connection.blocked()) Watch(socket, kReadable, EPOLL_CTL_MOD);
  }
  if (alive && (events & ~uint32_t{EPOLLOUT}) != 0) alive = connection.Read();
  if (!alive) connections_.erase(found);
}

void HttpServer::OnRequest(HttpConnection& connection, const OperatorRequest& request) {
  std::string reply = stub_.Answer(request);
  if (delay_ == std::chrono::nanoseconds::zero()) {
    Send(connection, reply);
    return;
  }
  const bool idle = delayed_.empty();
  delayed_.push_back({std::chrono::steady_clock::now() + delay_,
                      connections_.at(connection.socket()), std::move(reply)});
  if (idle) ArmTimer();
}

void HttpServer::Send(HttpConnection& connection, const std::string& reply) {
  connection.Send(reply);
  if (connection.blocked()) Watch(connection.socket(), kReadable | EPOLLOUT, EPOLL_CTL_MOD);
}

void HttpServer::SendDue() {
  uint64_t expirations;
  CheckCall(static_cast<int>(read(timer_, &expirations, sizeof(expirations))), "read of the timer");
  const auto now = std::chrono::steady_clock::now();
  while (!delayed_.empty() && delayed_.front().due <= now) {
    if (const auto connection = delayed_.front().connection.lock()) {
      Send(*connection, delayed_.front().reply);
    }
    delayed_.pop_front();
  }
  if (!delayed_.empty()) ArmTimer();
}

void HttpServer::ArmTimer() {
  const auto due = delayed_.front().due.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(due);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = std::chrono::nanoseconds(due - seconds).count();
  CheckCall(timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr), "timerfd_settime");
}

}  // namespace uid2::bench
