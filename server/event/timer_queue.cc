#include "server/event/timer_queue.h"

#include <algorithm>
#include <vector>

namespace uid2 {

TimerQueue::~TimerQueue() {
  Waiting dropped;
  absl::MutexLock lock(&mutex_);
  by_id_.clear();
  // Destroyed after the lock, as what the actions hold may come back here.
  dropped.swap(waiting_);
}

Timers::Id TimerQueue::Schedule(TimePoint time, Action action) {
  Id id;
  bool wake;
  {
    absl::MutexLock lock(&mutex_);
    id = ++last_id_;
    by_id_.emplace(id, waiting_.emplace(std::make_pair(time, id), std::move(action)).first);
    wake = time < sleeps_until_;
  }
  // Without effect where the loop is awake: it will see the action before it sleeps.
  if (wake) inbox_.Wake();
  return id;
}

bool TimerQueue::Cancel(Id id) {
  // Destroyed without the lock, for what it holds may come back here.
  Waiting::node_type cancelled;
  absl::MutexLock lock(&mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return false;
  cancelled = waiting_.extract(found->second);
  by_id_.erase(found);
  return true;
}

size_t TimerQueue::waiting() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

void TimerQueue::RunDue(TimePoint now) {
  std::vector<Action> due;
  {
    absl::MutexLock lock(&mutex_);
    while (!waiting_.empty() && waiting_.begin()->first.first <= now) {
      const auto first = waiting_.begin();
      due.push_back(std::move(first->second));
      by_id_.erase(first->first.second);
      waiting_.erase(first);
    }
  }
  for (Action& action : due) {
    // Gone as soon as it has run, with all that it holds.
    std::exchange(action, nullptr)();
  }
}

absl::optional<Timers::TimePoint> TimerQueue::SleepUntil(absl::optional<TimePoint> other) {
  absl::MutexLock lock(&mutex_);
  sleeps_until_ = other.value_or(TimePoint::max());
  if (waiting_.empty()) return other;
  sleeps_until_ = std::min(sleeps_until_, waiting_.begin()->first.first);
  return sleeps_until_;
}

}  // namespace uid2
