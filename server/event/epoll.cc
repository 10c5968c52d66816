// SPDX-License-Identifier: Apache-2.0

#include "server/event/epoll.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>

namespace uid2 {
namespace {

// Rounded up: after waking up too early, there would be nothing to do.
int MillisecondsUntil(Epoll::TimePoint until) {
  using std::chrono::milliseconds;
  const Epoll::TimePoint now = std::chrono::steady_clock::now();
  // Checked first, because a time far in the past would overflow the subtraction.
  if (until <= now) return 0;
  return static_cast<int>(std::min<milliseconds::rep>(
      std::chrono::ceil<milliseconds>(until - now).count(), std::numeric_limits<int>::max()));
}

}  // namespace

absl::StatusOr<Epoll> Epoll::New() {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return absl::ErrnoToStatus(errno, "cannot make an epoll instance");
  return Epoll(std::move(epoll));
}

absl::Span<const epoll_event> Epoll::Wait(absl::optional<TimePoint> until) {
  int timeout_ms = -1;
  if (until.has_value()) {
    timeout_ms = *until == TimePoint::min() ? 0 : MillisecondsUntil(*until);
  }
  const int count =
      epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), timeout_ms);
  // After a signal, the caller waits again. Only a bug causes other errors; a loop that cannot wait
  // can neither continue nor report the error.
  if (count < 0 && errno != EINTR) std::abort();
  return absl::MakeConstSpan(events_.data(), static_cast<size_t>(std::max(count, 0)));
}

absl::Status Epoll::Control(int operation, int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), operation, fd, &event) != 0) {
    return absl::ErrnoToStatus(errno, "epoll_ctl refuses a descriptor");
  }
  return absl::OkStatus();
}

}  // namespace uid2
