// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_THREAD_H_
#define SERVER_EVENT_THREAD_H_

#include <pthread.h>

#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace uid2 {

// Has the kernel treat the calling thread as one that works rather than waits (SCHED_BATCH,
// sched(7)): when it is woken, it does not interrupt the thread that is running, which therefore
// finishes its batch. For the threads that serve calls; docs/performance.md has what it saves. A
// thread whose policy cannot be changed keeps the one that it has, and only costs more.
void PreferBatchScheduling();

// A thread with a name, which debuggers and `ps -L` show, on which all signals are blocked: they
// are for the thread that waits for them. SIGPIPE must be blocked because OpenSSL writes to sockets
// without MSG_NOSIGNAL. std::thread cannot report that it failed to start, or start with signals
// blocked.
class Thread {
 public:
  using Function = absl::AnyInvocable<void() &&>;

  // `name` must be a literal of at most 15 characters.
  static absl::StatusOr<Thread> Start(const char* name, Function function);

  // Nothing waits for the thread. What `function` uses must live until it returns.
  static absl::Status StartDetached(const char* name, Function function);

  Thread(Thread&& other) noexcept
      : thread_(other.thread_), joinable_(std::exchange(other.joinable_, false)) {}
  Thread& operator=(Thread&& other) = delete;

  // Waits for the function to return.
  ~Thread();

 private:
  explicit Thread(pthread_t thread) : thread_(thread), joinable_(true) {}

  const pthread_t thread_;
  bool joinable_;
};

}  // namespace uid2

#endif  // SERVER_EVENT_THREAD_H_
