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

// Timers that fire on the thread of an event loop. Scheduling a timer wakes the loop only if the
// timer is due before the loop would wake up anyway. So a timer that is set for a call and
// cancelled when the reply arrives makes no system call.
class TimerQueue : public Timers {
 public:
  // `inbox` wakes the loop, and must outlive this object. `waiting` counts the timers.
  explicit TimerQueue(Inbox& inbox, Gauge waiting = {}) : inbox_(inbox), waiting_gauge_(waiting) {}
  // Objects that an action owns may call Cancel() in their destructors.
  ~TimerQueue() override;

  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  Id Schedule(TimePoint time, Action action) override ABSL_LOCKS_EXCLUDED(mutex_);
  bool Cancel(Id id) override ABSL_LOCKS_EXCLUDED(mutex_);

  // The functions below must be called on the loop's thread.

  // Fires the timers that are due at `now`, ordered by time and then by scheduling. Timers that the
  // actions schedule wait for the next call, so that the loop cannot stay here forever.
  void RunDue(TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns when the loop has to wake up for a timer, or at `other` for another reason; nullopt if
  // never. After this, Schedule() wakes the loop if a timer is due earlier. Call this after the
  // inbox's PrepareToSleep(); otherwise the loop may miss a timer of another thread.
  absl::optional<TimePoint> SleepUntil(absl::optional<TimePoint> other) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Ids increase, so actions with the same time run in the order in which they were scheduled.
  using Waiting = std::map<std::pair<TimePoint, Id>, Action>;

  Inbox& inbox_;
  const Gauge waiting_gauge_;
  absl::Mutex mutex_;
  Waiting waiting_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Id, Waiting::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
  Id last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  // The last result of SleepUntil(); max() for never. Not meaningful while the loop is awake.
  TimePoint sleeps_until_ ABSL_GUARDED_BY(mutex_) = TimePoint::max();
};

}  // namespace uid2

#endif  // SERVER_EVENT_TIMER_QUEUE_H_
