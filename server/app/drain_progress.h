// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_DRAIN_PROGRESS_H_
#define SERVER_APP_DRAIN_PROGRESS_H_

#include <atomic>

namespace uid2 {

// What the end of the process waits for, so that another thread can say what hangs. Thread-safe.
class DrainProgress {
 public:
  // `what` completes "waiting for ...". Must be a literal.
  void WaitFor(const char* what) { waiting_for_ = what; }
  const char* waiting_for() const { return waiting_for_; }

  void Cut(int calls) { calls_cut_ += calls; }
  // The number of calls that were cut so far.
  int calls_cut() const { return calls_cut_; }

 private:
  std::atomic<const char*> waiting_for_{"the drain to begin"};
  std::atomic<int> calls_cut_{0};
};

}  // namespace uid2

#endif  // SERVER_APP_DRAIN_PROGRESS_H_
