// SPDX-License-Identifier: Apache-2.0

#include "server/app/start_guard.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "server/app/process.h"
#include "server/event/thread.h"

namespace uid2 {
namespace {

constexpr int kExitStatus = 2;

#define ADVICE "raise its limits (memory, ulimit -v, ulimit -u; in a container: memory, pids)\n"
constexpr absl::string_view kNoMemory =
    "identity_server: cannot start: the process may not have more memory; " ADVICE;
constexpr absl::string_view kAborted =
    "identity_server: cannot start: a library gave up, usually because the process may not have "
    "more memory or threads; " ADVICE;
constexpr absl::string_view kTooSlow =
    "identity_server: cannot start: the start does not end; a file system does not answer, or the "
    "process may not have more memory or threads: " ADVICE;
#undef ADVICE

// Safe in a signal handler, and without memory.
[[noreturn]] void End(absl::string_view line) {
  (void)WriteWithin(absl::Seconds(2), STDERR_FILENO, line);
  _exit(kExitStatus);
}

void OnNoMemory() { End(kNoMemory); }
void OnAbort(int /*signal*/) { End(kAborted); }
void OnAlarm(int /*signal*/) { End(kTooSlow); }

void SetAlarm(absl::Duration limit) {
  const itimerval timer = {.it_interval = {}, .it_value = absl::ToTimeval(limit)};
  // It fails only for an invalid value.
  (void)setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

StartGuard::StartGuard(absl::Duration limit) {
  std::set_new_handler(&OnNoMemory);
  (void)std::signal(SIGABRT, &OnAbort);
  (void)std::signal(SIGALRM, &OnAlarm);
  SetAlarm(limit);
}

void StartGuard::Disarm() {
  SetAlarm(absl::ZeroDuration());
  (void)std::signal(SIGALRM, SIG_DFL);
  (void)std::signal(SIGABRT, SIG_DFL);
  std::set_new_handler(nullptr);
}

absl::Status CheckThreads(int count) {
  absl::Notification all_started;
  absl::Status status;
  {
    std::vector<Thread> threads;
    for (int i = 0; i < count && status.ok(); ++i) {
      absl::StatusOr<Thread> thread =
          Thread::Start("start_check", [&all_started] { all_started.WaitForNotification(); });
      if (thread.ok()) {
        threads.push_back(*std::move(thread));
      } else {
        status = absl::ResourceExhaustedError(
            absl::StrCat("the process may have only ", i, " of the ", count,
                         " threads that it needs: ", thread.status().message()));
      }
    }
    all_started.Notify();
  }
  return status;
}

}  // namespace uid2
