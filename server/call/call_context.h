#ifndef SERVER_CALL_CALL_CONTEXT_H_
#define SERVER_CALL_CALL_CONTEXT_H_

#include <atomic>
#include <chrono>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

// What bounds one call on its way down the layers: when it must be over, and whether its caller
// still wants it. Made where the call comes in, lent to every layer below until the call's
// callback has run. Thread-safe.
class CallContext {
 public:
  // A clock that no correction of the system's time moves.
  using TimePoint = std::chrono::steady_clock::time_point;

  // Of a call that several callers share, each of whom leaves at a deadline of its own.
  struct Shared {};

  // `deadline_is_callers`: the caller asked for it, rather than the server's own maximum.
  explicit CallContext(TimePoint deadline, bool deadline_is_callers = false)
      : CallContext(deadline, deadline_is_callers, /*shared=*/false) {}

  // `deadline` is that of the first caller; others may extend it.
  CallContext(TimePoint deadline, Shared /*shared*/)
      : CallContext(deadline, /*deadline_is_callers=*/false, /*shared=*/true) {}

  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  // An answer later than this is of no use: what would take longer is not begun.
  TimePoint deadline() const { return deadline_.load(std::memory_order_relaxed); }
  bool deadline_is_callers() const { return deadline_is_callers_; }

  // When a step that is under way has to end. For a shared call not at its deadline, which may
  // yet be extended: who shares it cancels it when the last caller has left.
  TimePoint step_limit() const { return shared_ ? TimePoint::max() : deadline(); }

  // A further caller of a shared call waits until `deadline`.
  void Extend(TimePoint deadline);

  bool cancelled() const;

  // The caller has gone. Runs the armed hook, once; may be called from any thread, any number of
  // times.
  void Cancel();

  // Arms `hook` to end the step that is now under way, in place of any earlier hook; runs it at
  // once where the call is cancelled already. The hook may run on any thread, and after the step
  // has ended: it must then do nothing.
  void OnCancel(absl::AnyInvocable<void()> hook);

 private:
  CallContext(TimePoint deadline, bool deadline_is_callers, bool shared)
      : deadline_is_callers_(deadline_is_callers), shared_(shared), deadline_(deadline) {}

  const bool deadline_is_callers_;
  const bool shared_;
  std::atomic<TimePoint> deadline_;
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::AnyInvocable<void()> hook_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_CALL_CALL_CONTEXT_H_
