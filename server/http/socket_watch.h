#ifndef SERVER_HTTP_SOCKET_WATCH_H_
#define SERVER_HTTP_SOCKET_WATCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "server/http/epoll.h"

namespace uid2 {

// Keeps epoll in step with what libcurl asks for. libcurl closes a socket whose connection was
// still being made without a word, opens another that gets the same number, and takes it for
// watched; so what is known of a number may be true of a socket that is no more. For one thread.
class SocketWatch {
 public:
  // `epoll` must outlive it.
  explicit SocketWatch(Epoll& epoll) : epoll_(epoll) {}

  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // `fd` is a new socket. Whatever was wanted of an earlier one of that number is wanted of it.
  absl::Status Opened(int fd);

  // `events` are EPOLLIN, EPOLLOUT or both.
  absl::Status Want(int fd, uint32_t events);

  // `fd` may be closed already.
  void WantNothing(int fd);

  // 0 where nobody waits for `fd`.
  uint32_t Wanted(int fd) const;

 private:
  Epoll& epoll_;
  // By descriptor: they are small numbers, so this is the fastest map.
  std::vector<uint32_t> wanted_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_SOCKET_WATCH_H_
