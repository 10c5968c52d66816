// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_START_GUARD_H_
#define SERVER_APP_START_GUARD_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace uid2 {

// Ends the process with one line on stderr and exit status 2 if it cannot start for lack of memory
// or threads. Libraries abort without a word then, or wait forever for a thread that they could not
// create. There must be at most one, on the main thread.
class StartGuard {
 public:
  // Also ends the process if the start, or the return from a failed one, takes longer than `limit`.
  explicit StartGuard(absl::Duration limit);
  ~StartGuard() { Disarm(); }

  StartGuard(const StartGuard&) = delete;
  StartGuard& operator=(const StartGuard&) = delete;

  // The process has started: from now on, aborts and exhausted memory have their usual effect.
  void Disarm();
};

// Fails if the process may not have `count` more threads at the same time. Creates and ends them,
// which takes less than a millisecond.
absl::Status CheckThreads(int count);

}  // namespace uid2

#endif  // SERVER_APP_START_GUARD_H_
