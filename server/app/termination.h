// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_TERMINATION_H_
#define SERVER_APP_TERMINATION_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/event/file_descriptor.h"
#include "server/event/thread.h"

namespace uid2 {

// Decides when the process ends. A thread of its own, named "termination", takes the signals that
// end the process (see BlockSignals()), and makes sure that the process is gone when its time is
// over, whatever hangs by then.
//
// Before ExpectDrain(), a signal N ends the process at once, with exit status 128 + N. After that,
// the first signal begins the drain, and the next one ends the process at once. Thread-safe.
class Termination {
 public:
  // What a process does that has not ended in time.
  struct HardStop {
    // Returns the exit status. Must not block.
    absl::AnyInvocable<int()> status;
    // Says in the log what hangs. Gets kReportTime, after which the process ends.
    absl::AnyInvocable<void()> report;
  };

  // The last part of each time limit.
  static constexpr absl::Duration kReportTime = absl::Milliseconds(500);

  // There must be at most one in a process, for as long as it runs. Call BlockSignals() before.
  static absl::StatusOr<std::unique_ptr<Termination>> Start();

  // Waits for a hard stop that has begun, and with it for the end of the process.
  ~Termination();

  Termination(const Termination&) = delete;
  Termination& operator=(const Termination&) = delete;

  // From now on, the process may drain for `limit` after the first signal. Call this once.
  void ExpectDrain(absl::Duration limit, HardStop hard_stop) ABSL_LOCKS_EXCLUDED(mutex_);

  // Begins the drain without a signal. The process may take `limit` from now on, and the next
  // signal is ignored: whoever sends it does not know of the drain. No effect if the drain has
  // begun. Call this after ExpectDrain().
  void BeginDrain(absl::Duration limit) ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until the drain begins. Returns the signal that began it, or 0 if BeginDrain() did.
  int AwaitDrain() ABSL_LOCKS_EXCLUDED(mutex_);

  // The process may take at most `limit` from now on, and never longer than before.
  void ShortenLimit(absl::Duration limit) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  Termination(FileDescriptor signals, FileDescriptor wake);

  void Run();
  void Wake() const;
  void OnSignal(int signal) ABSL_LOCKS_EXCLUDED(mutex_);
  void Begin(int signal, absl::Duration limit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How long to wait for the hard stop, for poll().
  int MillisLeft() const ABSL_LOCKS_EXCLUDED(mutex_);
  [[noreturn]] void StopHard() ABSL_LOCKS_EXCLUDED(mutex_);

  const FileDescriptor signals_;
  const FileDescriptor wake_;
  absl::Notification draining_;
  mutable absl::Mutex mutex_;
  absl::Duration limit_ ABSL_GUARDED_BY(mutex_);
  absl::optional<HardStop> hard_stop_ ABSL_GUARDED_BY(mutex_);
  int signal_ ABSL_GUARDED_BY(mutex_) = 0;
  // Whether the next signal is ignored.
  bool ignores_signal_ ABSL_GUARDED_BY(mutex_) = false;
  // When the hard stop begins.
  absl::optional<TimePoint> end_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::optional<Thread> thread_;
};

}  // namespace uid2

#endif  // SERVER_APP_TERMINATION_H_
