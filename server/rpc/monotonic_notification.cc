// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/monotonic_notification.h"

#include <chrono>

namespace uid2 {
namespace {

// Replaces an infinite timeout, which would overflow the clock.
constexpr absl::Duration kForever = absl::Hours(24 * 365);

}  // namespace

void MonotonicNotification::Notify() {
  const std::lock_guard<std::mutex> lock(mutex_);
  notified_ = true;
  // Under the lock, so that a waiting thread may destroy this object as soon as it wakes up.
  condition_.notify_all();
}

bool MonotonicNotification::Await(absl::Duration timeout) {
  const auto notified = [this] { return notified_; };
  std::unique_lock<std::mutex> lock(mutex_);
  if (timeout > kForever) {
    condition_.wait(lock, notified);
    return true;
  }
  const auto limit = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
  return condition_.wait_until(lock, limit, notified);
}

}  // namespace uid2
