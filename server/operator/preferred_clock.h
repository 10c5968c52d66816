// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_PREFERRED_CLOCK_H_
#define SERVER_OPERATOR_PREFERRED_CLOCK_H_

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/clock.h"
#include "server/operator/operator_clock.h"

namespace uid2 {

// The operator's time if several addresses serve one participant: the time of the first address, in
// order of preference, whose time is known, or else the local time. It decides whether the
// participant's identities are fresh. Thread-safe.
class PreferredClock : public CivilClock {
 public:
  // All clocks must outlive this object.
  PreferredClock(std::vector<const OperatorClock*> by_preference, const CivilClock& local)
      : by_preference_(std::move(by_preference)), local_(local) {}

  absl::Time Now() const override {
    for (const OperatorClock* clock : by_preference_) {
      const absl::optional<absl::Time> now = clock->estimate();
      if (now.has_value()) return *now;
    }
    return local_.Now();
  }

 private:
  const std::vector<const OperatorClock*> by_preference_;
  const CivilClock& local_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_PREFERRED_CLOCK_H_
