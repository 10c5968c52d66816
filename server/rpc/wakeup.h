// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_WAKEUP_H_
#define SERVER_RPC_WAKEUP_H_

#include <grpcpp/alarm.h>

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/completion_thread.h"

namespace uid2 {

// Runs an action on a completion queue's thread when another thread asks for it.
class Wakeup {
 public:
  // `thread` must outlive this object.
  Wakeup(CompletionThread& thread, std::function<void()> action);

  // The action runs soon. If it has not begun since the last call, it runs once for both. Any
  // thread; does not block.
  void Ring();

  // From now on, Ring() has no effect. Call this before the thread is stopped.
  void Close();

 private:
  void Awake();

  CompletionThread& thread_;
  const std::function<void()> action_;
  CompletionTag tag_;
  absl::Mutex mutex_;
  // The alarm is set, and its tag has not been returned.
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_WAKEUP_H_
