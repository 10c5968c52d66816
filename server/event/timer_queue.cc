// SPDX-License-Identifier: Apache-2.0

#include "server/event/timer_queue.h"

#include <algorithm>
#include <vector>

namespace uid2 {

TimerQueue::~TimerQueue() {
  Waiting dropped;
  absl::MutexLock lock(&mutex_);
  waiting_gauge_.Decrement(static_cast<double>(by_id_.size()));
  by_id_.clear();
  // Destroyed after the lock is released, because objects that the actions own may call Cancel().
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
    waiting_gauge_.Increment();
  }
  // No effect if the loop is awake: it sees the timer before it sleeps.
  if (wake) inbox_.Wake();
  return id;
}

bool TimerQueue::Cancel(Id id) {
  // Destroyed after the lock is released, because objects that the action owns may call Cancel().
  Waiting::node_type cancelled;
  absl::MutexLock lock(&mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return false;
  cancelled = waiting_.extract(found->second);
  by_id_.erase(found);
  waiting_gauge_.Decrement();
  return true;
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
      waiting_gauge_.Decrement();
    }
  }
  for (Action& action : due) {
    // Destroyed as soon as it has run, with everything that it owns.
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
