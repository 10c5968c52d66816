// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/monotonic_latch.h"

#include <chrono>

namespace uid2 {
namespace {

// Replaces an infinite timeout, which would overflow the clock.
constexpr absl::Duration kForever = absl::Hours(24 * 365);

}  // namespace

void MonotonicLatch::CountDown() {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Under the lock, so that a waiting thread may destroy this object as soon as it wakes up.
  if (--count_ == 0) condition_.notify_all();
}

bool MonotonicLatch::Await(absl::Duration timeout) {
  const auto over = [this] { return count_ == 0; };
  std::unique_lock<std::mutex> lock(mutex_);
  if (timeout > kForever) {
    condition_.wait(lock, over);
    return true;
  }
  const auto limit = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
  return condition_.wait_until(lock, limit, over);
}

}  // namespace uid2
