// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_SOCKET_WATCH_H_
#define SERVER_HTTP_CURL_SOCKET_WATCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "server/event/event_loop.h"

namespace uid2 {

// Has an event loop watch what libcurl asks for, with as few system calls as is safe. For the
// loop's thread.
//
// A request on a kept connection asks for its socket's events and drops them again: two system
// calls, a tenth of what the request costs. So an established connection stays registered when
// nothing is wanted of it, until it has something to report, such as that its peer has closed it.
// A connection that is still being made does not: libcurl closes its sockets without notice, opens
// others that get the same numbers, and takes those for watched.
class SocketWatch {
 public:
  // Both must outlive it. `handler` is told of the sockets' events, including unwanted ones: see
  // Ignore().
  SocketWatch(EventLoop& loop, EventLoop::EventHandler& handler) : loop_(loop), handler_(handler) {}

  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // `fd` is a new socket. What was wanted of an earlier one with that number is wanted of it.
  absl::Status Opened(int fd);

  // From now on Closed() is called before `fd` is closed.
  void Established(int fd) { At(fd).established = true; }
  void Closed(int fd) { At(fd) = {}; }

  // `events` are EPOLLIN, EPOLLOUT or both.
  absl::Status Want(int fd, uint32_t events);

  // `fd` may be closed already if it was not established.
  void WantNothing(int fd);

  // 0 if nothing is wanted of `fd`.
  uint32_t Wanted(int fd) { return At(fd).wanted; }

  // Shuts down every established connection of which nothing is wanted, so that its peer and
  // libcurl see that it is over.
  void CutIdle();

  // `fd` had an event although nothing is wanted of it: no more of them.
  void Ignore(int fd);

 private:
  struct Socket {
    uint32_t wanted = 0;
    // What the loop was told, 0 for nothing. Wrong if the socket has been closed without notice.
    uint32_t registered = 0;
    bool established = false;
  };

  Socket& At(int fd);

  EventLoop& loop_;
  EventLoop::EventHandler& handler_;
  // By descriptor, which are small numbers.
  std::vector<Socket> sockets_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_SOCKET_WATCH_H_
