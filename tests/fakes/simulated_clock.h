// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_SIMULATED_CLOCK_H_
#define TESTS_FAKES_SIMULATED_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/call/clock.h"

namespace uid2::testing {

// A clock that moves only when told to. Thread-safe.
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

  absl::Duration SinceBoot() const override {
    absl::MutexLock lock(&mutex_);
    return since_boot_;
  }

  // Lets time pass.
  void Advance(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
    steady_ += absl::ToChronoNanoseconds(duration);
    since_boot_ += duration;
  }

  // Sets the civil time forward by `step`, as an administrator or NTP does.
  void StepNow(absl::Duration step) {
    absl::MutexLock lock(&mutex_);
    now_ += step;
  }

  // Suspends the machine and wakes it up.
  void Suspend(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
    since_boot_ += duration;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  CallContext::TimePoint steady_ ABSL_GUARDED_BY(mutex_);
  absl::Duration since_boot_ ABSL_GUARDED_BY(mutex_) = absl::Hours(1);
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_SIMULATED_CLOCK_H_
