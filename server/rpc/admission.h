#ifndef SERVER_RPC_ADMISSION_H_
#define SERVER_RPC_ADMISSION_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace uid2 {

// Decides at the door whether a call may come in, and knows how many are inside. There is no
// queue: the answer is immediate. Thread-safe.
class Admission {
 public:
  // OK, and the call owes a Leave(); or why it may not come in: DRAINING.
  absl::Status Enter();
  void Leave();

  // From now on nobody comes in.
  void Close();

  // Whether everybody had left before `timeout` was over.
  bool AwaitEmpty(absl::Duration timeout);

  int calls_in_flight() const;

 private:
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace uid2

#endif  // SERVER_RPC_ADMISSION_H_
