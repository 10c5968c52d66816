// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_SIMULATED_TIMERS_H_
#define TESTS_FAKES_SIMULATED_TIMERS_H_

#include <map>
#include <utility>

#include "absl/time/time.h"
#include "server/call/timers.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2::testing {

// Timers on a simulated clock. For use on one thread.
class SimulatedTimers : public Timers {
 public:
  explicit SimulatedTimers(SimulatedClock& clock) : clock_(clock) {}

  Id Schedule(TimePoint time, Action action) override {
    waiting_.emplace(std::make_pair(time, ++last_id_), std::move(action));
    return last_id_;
  }

  bool Cancel(Id id) override {
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
      if (it->first.second != id) continue;
      waiting_.erase(it);
      return true;
    }
    return false;
  }

  // Lets time pass, and runs each timer that becomes due at its own time.
  void Advance(absl::Duration duration) {
    const TimePoint end = clock_.Steady() + absl::ToChronoNanoseconds(duration);
    while (!waiting_.empty() && waiting_.begin()->first.first <= end) {
      AdvanceTo(waiting_.begin()->first.first);
      Action action = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      std::move(action)();
    }
    AdvanceTo(end);
  }

  size_t waiting() const { return waiting_.size(); }

 private:
  void AdvanceTo(TimePoint time) {
    if (time > clock_.Steady()) clock_.Advance(absl::FromChrono(time - clock_.Steady()));
  }

  SimulatedClock& clock_;
  Id last_id_ = 0;
  std::map<std::pair<TimePoint, Id>, Action> waiting_;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_SIMULATED_TIMERS_H_
