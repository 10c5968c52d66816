// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_SOCKET_WATCH_H_
#define SERVER_HTTP_CURL_SOCKET_WATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/event/event_loop.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// Makes an event loop watch the sockets that libcurl wants watched, with as few system calls as is
// safe. Use it on the loop's thread only.
//
// Each request on a persistent connection registers the socket and unregisters it again: two system
// calls, a tenth of the cost of the request. So an established connection stays registered while no
// events are wanted, until it has an event, such as that the peer has closed it. A connection that
// is still being opened does not stay registered: libcurl closes its sockets without notice, opens
// new ones with the same numbers, and assumes that those are watched.
class SocketWatch {
 public:
  // Both must outlive this object. `handler` receives the sockets' events, including unwanted ones;
  // see Ignore().
  SocketWatch(EventLoop& loop, EventLoop::EventHandler& handler) : loop_(loop), handler_(handler) {}

  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // `fd` is a new socket for a connection to `peer`, in the form of HttpFailure::peer. Events that
  // were wanted from an earlier socket with that number are wanted from this one, too.
  absl::Status Opened(int fd, std::string peer);

  // `fd` is connected, and a request uses it. Counts it in `connections` until Closed(), which must
  // be called before `fd` is closed.
  void Connected(int fd, const ConnectionMetrics& connections);

  // After this, Closed() must be called before `fd` is closed.
  void Established(int fd);
  void Closed(int fd);

  // `events` are EPOLLIN, EPOLLOUT or both.
  absl::Status Want(int fd, uint32_t events);

  // `fd` may be closed already if it was not established.
  void WantNothing(int fd);

  // The events that are wanted from `fd`, or 0.
  uint32_t Wanted(int fd) { return At(fd).wanted; }

  // Shuts down every established connection from which no events are wanted, so that its peer and
  // libcurl see the end of the connection.
  void CutIdle();

  // The peer of `fd` has sent something.
  void Heard(int fd) { At(fd).heard = moment_; }

  // A point in time, for CutSilent().
  using Moment = uint64_t;
  Moment Mark() { return ++moment_; }

  // Whether there is an established connection to `peer` from which no events are wanted.
  bool HasIdle(absl::string_view peer) const;

  // Shuts down the connections to `peer` on which nothing was heard since `mark`: established ones
  // from which no events are wanted, or all if requests share them.
  void CutSilent(absl::string_view peer, Moment mark, bool shared);

  // Call this if `fd` has an event although none is wanted. Stops further events.
  void Ignore(int fd);

 private:
  struct Socket {
    uint32_t wanted = 0;
    // The events registered with the loop, or 0. Wrong if the socket was closed without notice.
    uint32_t registered = 0;
    bool established = false;
    std::string peer;
    // The last moment at which the peer has sent something.
    Moment heard = 0;
    ConnectionMetrics connections;
    // The one of `connections` in which the socket is counted.
    Gauge counted;
  };

  // Counts `socket` in `gauge` instead of where it is counted.
  static void Count(Socket& socket, const Gauge& gauge);

  // Shuts down the established connections that meet the condition.
  template <typename Condition>
  void CutIf(const Condition& condition);

  Socket& At(int fd);

  EventLoop& loop_;
  EventLoop::EventHandler& handler_;
  Moment moment_ = 0;
  // Indexed by descriptor; descriptors are small numbers.
  std::vector<Socket> sockets_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_SOCKET_WATCH_H_
