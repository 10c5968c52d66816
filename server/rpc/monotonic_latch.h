// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_MONOTONIC_LATCH_H_
#define SERVER_RPC_MONOTONIC_LATCH_H_

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace uid2 {

// Like std::latch, with a wait that can time out and does not depend on the civil clock. Abseil
// 20220623 converts every timeout to a civil time, so if the clock is set back by an hour, a wait
// of one second lasts an hour longer. Thread-safe.
class MonotonicLatch {
 public:
  // `count` is positive.
  explicit MonotonicLatch(int count) : count_(count) {}

  // Must not be called more than `count` times.
  void CountDown();

  // Returns whether the count reached zero within `timeout`, which may be infinite.
  bool Await(absl::Duration timeout);

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  int count_;
};

}  // namespace uid2

#endif  // SERVER_RPC_MONOTONIC_LATCH_H_
