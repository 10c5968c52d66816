// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_OPERATOR_RESILIENCE_OPERATOR_SIMULATION_H_
#define TESTS_OPERATOR_RESILIENCE_OPERATOR_SIMULATION_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include "absl/time/time.h"
#include "server/operator/resilience/throttle.h"

namespace uid2::testing {

// How a simulated operator treats a request.
struct SimulatedAnswer {
  bool good = true;
  absl::Duration after;
};

// What happened to the calls of one second.
struct SimulatedSecond {
  int offered = 0;
  int sent = 0;
  // The calls offered in this second that succeeded, however late.
  int succeeded = 0;

  double sent_share() const { return static_cast<double>(sent) / offered; }
  double success_share() const { return static_cast<double>(succeeded) / offered; }
};

// Calls at an even rate, each with one attempt, through a Throttle to a simulated operator, on one
// thread and in simulated time. Equal seeds give equal runs.
class OperatorSimulation {
 public:
  // What the operator does with a request at `time` since the beginning; `random_fraction` is from
  // [0, 1).
  using Operator = std::function<SimulatedAnswer(absl::Duration time, double random_fraction)>;

  OperatorSimulation(const ThrottleOptions& options, uint64_t seed)
      : throttle_(options), random_(seed) {}

  // Continues for `duration` at `calls_per_second`.
  void Run(double calls_per_second, absl::Duration duration, const Operator& simulated) {
    const absl::Duration end = now_ + duration;
    for (; now_ < end; now_ += absl::Seconds(1) / calls_per_second) {
      Call(simulated);
    }
    now_ = end;
  }

  const std::vector<SimulatedSecond>& seconds() const { return seconds_; }

  // The sum of the seconds from `begin` up to but excluding `end`.
  SimulatedSecond Sum(size_t begin, size_t end) const {
    SimulatedSecond sum;
    for (size_t i = begin; i < std::min(end, seconds_.size()); ++i) {
      sum.offered += seconds_[i].offered;
      sum.sent += seconds_[i].sent;
      sum.succeeded += seconds_[i].succeeded;
    }
    return sum;
  }

  // How many seconds it takes after `second` until, in every second to the end of the run, at least
  // `share` of the calls succeed.
  size_t SecondsToSuccess(size_t second, double share) const {
    size_t after = seconds_.size();
    while (after > second && seconds_[after - 1].success_share() >= share) --after;
    return after - second;
  }

 private:
  struct InFlight {
    absl::Duration ends;
    bool good;
    size_t second;
    Throttle::Permit permit;

    bool operator<(const InFlight& other) const { return ends > other.ends; }
  };

  // The clock of a machine that has been up for a while.
  static Throttle::TimePoint At(absl::Duration time) {
    return Throttle::TimePoint() + absl::ToChronoNanoseconds(absl::Hours(1000) + time);
  }

  void Call(const Operator& simulated) {
    EndAttempts();
    const auto second = static_cast<size_t>(absl::ToInt64Seconds(now_));
    if (second >= seconds_.size()) seconds_.resize(second + 1);
    ++seconds_[second].offered;
    const absl::optional<Throttle::Permit> permit = throttle_.Admit(At(now_), RandomFraction());
    if (!permit.has_value()) return;
    ++seconds_[second].sent;
    const SimulatedAnswer answer = simulated(now_, RandomFraction());
    in_flight_.push({now_ + answer.after, answer.good, second, *permit});
    // The end of the attempt is already known here, but the throttle learns of it only in time.
    if (answer.good) ++seconds_[second].succeeded;
  }

  void EndAttempts() {
    for (; !in_flight_.empty() && in_flight_.top().ends <= now_; in_flight_.pop()) {
      const InFlight& attempt = in_flight_.top();
      if (attempt.good) {
        throttle_.Succeeded(attempt.permit, At(attempt.ends));
      } else {
        throttle_.Failed(attempt.permit, At(attempt.ends));
      }
    }
  }

  double RandomFraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  Throttle throttle_;
  std::mt19937_64 random_;
  absl::Duration now_ = absl::ZeroDuration();
  std::vector<SimulatedSecond> seconds_;
  std::priority_queue<InFlight> in_flight_;
};

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_RESILIENCE_OPERATOR_SIMULATION_H_
