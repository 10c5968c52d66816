#include "server/http/socket_watch.h"

#include <cstddef>

namespace uid2 {

absl::Status SocketWatch::Opened(int fd) {
  const uint32_t events = Wanted(fd);
  return events == 0 ? absl::OkStatus() : epoll_.Add(fd, events);
}

absl::Status SocketWatch::Want(int fd, uint32_t events) {
  const size_t index = static_cast<size_t>(fd);
  if (index >= wanted_.size()) wanted_.resize(index + 1);
  const bool was_wanted = wanted_[index] != 0;
  wanted_[index] = events;
  if (was_wanted) {
    const absl::Status status = epoll_.Modify(fd, events);
    if (!absl::IsNotFound(status)) return status;
  }
  return epoll_.Add(fd, events);
}

void SocketWatch::WantNothing(int fd) {
  if (Wanted(fd) == 0) return;
  wanted_[static_cast<size_t>(fd)] = 0;
  // Refused for a socket that is closed already, which epoll has then forgotten by itself.
  (void)epoll_.Remove(fd);
}

uint32_t SocketWatch::Wanted(int fd) const {
  const size_t index = static_cast<size_t>(fd);
  return index < wanted_.size() ? wanted_[index] : 0;
}

}  // namespace uid2
