// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_TIMER_QUEUE_H_
#define SERVER_EVENT_TIMER_QUEUE_H_

#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "server/call/timers.h"
#include "server/event/inbox.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// Timers that fire on the thread of a loop. Scheduling wakes the loop only if the timer is due
// before the loop wakes anyway, so a timer that is set for a call and cancelled when the reply
// comes makes no system call.
class TimerQueue : public Timers {
 public:
  // `inbox` wakes the loop, and must outlive this. `waiting` is told how many timers there are.
  explicit TimerQueue(Inbox& inbox, Gauge waiting = {}) : inbox_(inbox), waiting_gauge_(waiting) {}
  // What an action holds may still Cancel() in its destructor.
  ~TimerQueue() override;

  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  Id Schedule(TimePoint time, Action action) override ABSL_LOCKS_EXCLUDED(mutex_);
  bool Cancel(Id id) override ABSL_LOCKS_EXCLUDED(mutex_);

  // The rest is for the loop's thread only.

  // Fires what is due at `now`, in the order of time and then of scheduling. What the actions
  // schedule waits for the next call, so that they cannot keep the loop here forever.
  void RunDue(TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);

  // When the loop has to wake: for a timer, or at `other` for another reason; nothing: never. From
  // then on Schedule() wakes it for an earlier timer. Call it after the inbox's PrepareToSleep(),
  // or the loop may miss what another thread schedules in between.
  absl::optional<TimePoint> SleepUntil(absl::optional<TimePoint> other) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Ids grow, so among actions of the same time the order is that of scheduling.
  using Waiting = std::map<std::pair<TimePoint, Id>, Action>;

  Inbox& inbox_;
  const Gauge waiting_gauge_;
  absl::Mutex mutex_;
  Waiting waiting_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Id, Waiting::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
  Id last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  // The last answer of SleepUntil(); max() for never. Meaningless while the loop is awake.
  TimePoint sleeps_until_ ABSL_GUARDED_BY(mutex_) = TimePoint::max();
};

}  // namespace uid2

#endif  // SERVER_EVENT_TIMER_QUEUE_H_
