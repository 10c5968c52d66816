#ifndef SERVER_EVENT_TIMER_QUEUE_H_
#define SERVER_EVENT_TIMER_QUEUE_H_

#include <cstddef>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "server/call/timers.h"
#include "server/event/inbox.h"

namespace uid2 {

// Timers that a loop runs on its own thread. The loop is woken only where something is scheduled
// before the time until which it sleeps anyway, so that a timer that is set for a call and
// cancelled with its reply costs no system call.
class TimerQueue : public Timers {
 public:
  // `inbox`, by which the loop is woken, must outlive it.
  explicit TimerQueue(Inbox& inbox) : inbox_(inbox) {}
  // What an action holds may still Cancel() as it goes.
  ~TimerQueue() override;

  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  Id Schedule(TimePoint time, Action action) override ABSL_LOCKS_EXCLUDED(mutex_);
  bool Cancel(Id id) override ABSL_LOCKS_EXCLUDED(mutex_);

  size_t waiting() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The rest is for the loop's thread only.

  // Runs what is due at `now`: by time, and what has the same time as it was scheduled. Whatever
  // these schedule is for the next call, so that they cannot hold the loop for ever.
  void RunDue(TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Until when the loop may sleep that has to wake at `other`, if at all, for another reason.
  // Between this and its waking, Schedule() wakes it for anything earlier. To be called after the
  // inbox's PrepareToSleep(): before it, what another thread schedules in between would be missed.
  absl::optional<TimePoint> SleepUntil(absl::optional<TimePoint> other) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Ids grow, so among actions of the same time the order is that of scheduling.
  using Waiting = std::map<std::pair<TimePoint, Id>, Action>;

  Inbox& inbox_;
  mutable absl::Mutex mutex_;
  Waiting waiting_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Id, Waiting::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
  Id last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  // What SleepUntil() answered last; max() for no limit. Of no meaning while the loop is awake.
  TimePoint sleeps_until_ ABSL_GUARDED_BY(mutex_) = TimePoint::max();
};

}  // namespace uid2

#endif  // SERVER_EVENT_TIMER_QUEUE_H_
