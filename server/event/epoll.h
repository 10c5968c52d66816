// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_EPOLL_H_
#define SERVER_EVENT_EPOLL_H_

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// An epoll instance. Not thread-safe. A descriptor is removed by Remove() or when it is closed.
class Epoll {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static absl::StatusOr<Epoll> New();

  // `events` are EPOLLIN and similar flags.
  absl::Status Add(int fd, uint32_t events) { return Control(EPOLL_CTL_ADD, fd, events); }
  absl::Status Modify(int fd, uint32_t events) { return Control(EPOLL_CTL_MOD, fd, events); }
  absl::Status Remove(int fd) { return Control(EPOLL_CTL_DEL, fd, 0); }

  // Waits for events until `until`, or without a limit if that is nullopt. Does not wait if `until`
  // has passed. Returns the events, each with its descriptor in data.fd; valid until the next call.
  absl::Span<const epoll_event> Wait(absl::optional<TimePoint> until);

 private:
  explicit Epoll(FileDescriptor epoll) : epoll_(std::move(epoll)) {}

  absl::Status Control(int operation, int fd, uint32_t events);

  FileDescriptor epoll_;
  std::vector<epoll_event> events_{256};
};

}  // namespace uid2

#endif  // SERVER_EVENT_EPOLL_H_
