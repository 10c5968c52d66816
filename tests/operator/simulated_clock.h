#ifndef TESTS_OPERATOR_SIMULATED_CLOCK_H_
#define TESTS_OPERATOR_SIMULATED_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/operator/clock.h"

namespace uid2::testing {

// A clock that moves when it is told to. Thread-safe.
class SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }

  CallContext::TimePoint Steady() const override {
    absl::MutexLock lock(&mutex_);
    return steady_;
  }

  // Time passes.
  void Advance(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
    steady_ += absl::ToChronoNanoseconds(duration);
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  CallContext::TimePoint steady_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_SIMULATED_CLOCK_H_
