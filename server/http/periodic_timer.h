#ifndef SERVER_HTTP_PERIODIC_TIMER_H_
#define SERVER_HTTP_PERIODIC_TIMER_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "server/http/timers.h"

namespace uid2 {

// Runs an action again and again, on the timers' thread, until this is destroyed.
class PeriodicTimer {
 public:
  using Action = absl::AnyInvocable<void()>;

  // For the first time after one `interval`. `timers` must outlive this; `action` must not block.
  PeriodicTimer(Timers& timers, absl::Duration interval, Action action);

  // When this returns the action does not run and will not run again. Not to be called by it.
  ~PeriodicTimer();

  PeriodicTimer(const PeriodicTimer&) = delete;
  PeriodicTimer& operator=(const PeriodicTimer&) = delete;

 private:
  // Outlives this where a timer rings just as this ends.
  struct Beat;

  static void Schedule(std::shared_ptr<Beat> beat);

  const std::shared_ptr<Beat> beat_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_PERIODIC_TIMER_H_
