// SPDX-License-Identifier: Apache-2.0

#include "server/event/thread.h"

#include <sched.h>
#include <signal.h>

#include <cstdlib>
#include <memory>

namespace uid2 {
namespace {

struct Start {
  const char* name;
  Thread::Function function;
};

void* Run(void* start) {
  const std::unique_ptr<Start> self(static_cast<Start*>(start));
  // A failure does not matter: a thread without a name works, too.
  (void)pthread_setname_np(pthread_self(), self->name);
  std::move(self->function)();
  return nullptr;
}

absl::StatusOr<pthread_t> Create(const char* name, Thread::Function function) {
  auto start = std::make_unique<Start>(Start{name, std::move(function)});
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  // The new thread inherits the mask.
  if (const int error = pthread_sigmask(SIG_SETMASK, &all, &before); error != 0) {
    return absl::ErrnoToStatus(error, "cannot block signals");
  }
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, &Run, start.get());
  // Fails only because of a bug. This thread would then miss its signals.
  if (pthread_sigmask(SIG_SETMASK, &before, nullptr) != 0) std::abort();
  if (error != 0) {
    return absl::ErrnoToStatus(error,
                               "the process cannot start another thread; raise its limits (memory, "
                               "ulimit -v, ulimit -u; in a container: memory, pids)");
  }
  (void)start.release();
  return thread;
}

}  // namespace

void PreferBatchScheduling() {
  const sched_param no_priority{};
  // A failure does not matter: calls are served all the same. 0 means the calling thread.
  (void)sched_setscheduler(0, SCHED_BATCH, &no_priority);
}

absl::StatusOr<Thread> Thread::Start(const char* name, Function function) {
  const absl::StatusOr<pthread_t> thread = Create(name, std::move(function));
  if (!thread.ok()) return thread.status();
  return Thread(*thread);
}

absl::Status Thread::StartDetached(const char* name, Function function) {
  const absl::StatusOr<pthread_t> thread = Create(name, std::move(function));
  if (!thread.ok()) return thread.status();
  // Fails only if the thread does not exist or is already detached.
  (void)pthread_detach(*thread);
  return absl::OkStatus();
}

Thread::~Thread() {
  // Fails only because of a bug. The thread would then use objects that are about to be destroyed.
  if (joinable_ && pthread_join(thread_, nullptr) != 0) std::abort();
}

}  // namespace uid2
