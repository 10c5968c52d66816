#ifndef SERVER_HTTP_CURL_SOCKET_WATCH_H_
#define SERVER_HTTP_CURL_SOCKET_WATCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "server/event/epoll.h"

namespace uid2 {

// Keeps epoll in step with what libcurl asks for, at as few system calls as are safe.
//
// A request on a kept connection asks for its socket's events and drops them again: two calls
// that are a tenth of all that the request costs. So a connection that nobody waits for may stay
// registered until it has something to report, such as that its peer closes it. Not before it is
// settled, though: while a connection is being made libcurl closes sockets without a word, opens
// others that get the same numbers, and takes them for watched. For one thread.
class SocketWatch {
 public:
  // `epoll` must outlive it.
  explicit SocketWatch(Epoll& epoll) : epoll_(epoll) {}

  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // `fd` is a new socket. Whatever was wanted of an earlier one of that number is wanted of it.
  absl::Status Opened(int fd);

  // From here on `fd` will not be closed without Closed() being called first.
  void Settled(int fd) { At(fd).settled = true; }
  void Closed(int fd) { At(fd) = {}; }

  // `events` are EPOLLIN, EPOLLOUT or both.
  absl::Status Want(int fd, uint32_t events);

  // `fd` may be closed already where it was not settled.
  void WantNothing(int fd);

  // 0 where nobody waits for `fd`.
  uint32_t Wanted(int fd) { return At(fd).wanted; }

  // Cuts every settled connection that nobody waits for, so that its peer and its owner see that it
  // is over.
  void CutIdle();

  // epoll has reported `fd`, for which nobody waits: it is not to do so again.
  void Ignore(int fd);

 private:
  struct Socket {
    uint32_t wanted = 0;
    // What epoll was told, 0 for nothing; true as long as the socket has not been closed unseen.
    uint32_t registered = 0;
    bool settled = false;
  };

  Socket& At(int fd);

  Epoll& epoll_;
  // By descriptor: they are small numbers, so this is the fastest map.
  std::vector<Socket> sockets_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_SOCKET_WATCH_H_
