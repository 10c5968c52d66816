#include "server/http/periodic_timer.h"

#include <chrono>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

struct PeriodicTimer::Beat {
  Beat(Timers& timers_in, absl::Duration interval_in, Action action_in)
      : timers(timers_in),
        interval(absl::ToChronoNanoseconds(interval_in)),
        action(std::move(action_in)) {}

  Timers& timers;
  const std::chrono::nanoseconds interval;
  // Held while the action runs.
  absl::Mutex mutex;
  Action action ABSL_GUARDED_BY(mutex);
  bool stopped ABSL_GUARDED_BY(mutex) = false;
  Timers::Id timer ABSL_GUARDED_BY(mutex) = 0;
};

PeriodicTimer::PeriodicTimer(Timers& timers, absl::Duration interval, Action action)
    : beat_(std::make_shared<Beat>(timers, interval, std::move(action))) {
  Schedule(beat_);
}

PeriodicTimer::~PeriodicTimer() {
  absl::MutexLock lock(&beat_->mutex);
  beat_->stopped = true;
  // Where it has rung, it finds that it has been stopped.
  (void)beat_->timers.Cancel(beat_->timer);
}

void PeriodicTimer::Schedule(std::shared_ptr<Beat> beat) {
  Beat& own = *beat;
  absl::MutexLock lock(&own.mutex);
  if (own.stopped) return;
  own.timer = own.timers.Schedule(std::chrono::steady_clock::now() + own.interval,
                                  [beat = std::move(beat)]() mutable {
                                    {
                                      absl::MutexLock running(&beat->mutex);
                                      if (beat->stopped) return;
                                      beat->action();
                                    }
                                    Schedule(std::move(beat));
                                  });
}

}  // namespace uid2
