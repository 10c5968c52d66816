#ifndef SERVER_OPERATOR_PREFERRED_CLOCK_H_
#define SERVER_OPERATOR_PREFERRED_CLOCK_H_

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/clock.h"
#include "server/operator/operator_clock.h"

namespace uid2 {

// The operator's time where several addresses serve one participant, to judge its identities by:
// by the first address, in order of preference, whose time is known, or else the local civil
// time. Thread-safe.
class PreferredClock : public Clock {
 public:
  // All must outlive this.
  PreferredClock(std::vector<const OperatorClock*> by_preference, const Clock& local)
      : by_preference_(std::move(by_preference)), local_(local) {}

  absl::Time Now() const override {
    for (const OperatorClock* clock : by_preference_) {
      const absl::optional<absl::Time> now = clock->estimate();
      if (now.has_value()) return *now;
    }
    return local_.Now();
  }

  CallContext::TimePoint Steady() const override { return local_.Steady(); }
  absl::Duration SinceBoot() const override { return local_.SinceBoot(); }

 private:
  const std::vector<const OperatorClock*> by_preference_;
  const Clock& local_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_PREFERRED_CLOCK_H_
