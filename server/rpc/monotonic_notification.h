// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_MONOTONIC_NOTIFICATION_H_
#define SERVER_RPC_MONOTONIC_NOTIFICATION_H_

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace uid2 {

// Like absl::Notification, but timeouts do not depend on the civil clock. Abseil 20220623 converts
// every timeout to a civil time, so if the clock is set back by an hour, a wait of one second lasts
// an hour longer. Thread-safe.
class MonotonicNotification {
 public:
  // May be called more than once.
  void Notify();

  // Returns whether Notify() was called within `timeout`, which may be infinite.
  bool Await(absl::Duration timeout);

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool notified_ = false;
};

}  // namespace uid2

#endif  // SERVER_RPC_MONOTONIC_NOTIFICATION_H_
