#ifndef SERVER_HTTP_CALL_CONTEXT_H_
#define SERVER_HTTP_CALL_CONTEXT_H_

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

  // `deadline_is_callers`: the caller asked for it, rather than the server's own maximum.
  explicit CallContext(TimePoint deadline, bool deadline_is_callers = false)
      : deadline_(deadline), deadline_is_callers_(deadline_is_callers) {}

  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  TimePoint deadline() const { return deadline_; }
  bool deadline_is_callers() const { return deadline_is_callers_; }

  bool cancelled() const;

  // The caller has gone. Runs the armed hook, once; may be called from any thread, any number of
  // times.
  void Cancel();

  // Arms `hook` to end the step that is now under way, in place of any earlier hook; runs it at
  // once where the call is cancelled already. The hook may run on any thread, and after the step
  // has ended: it must then do nothing.
  void OnCancel(absl::AnyInvocable<void()> hook);

 private:
  const TimePoint deadline_;
  const bool deadline_is_callers_;
  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::AnyInvocable<void()> hook_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_HTTP_CALL_CONTEXT_H_
