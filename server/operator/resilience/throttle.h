// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_THROTTLE_H_
#define SERVER_OPERATOR_RESILIENCE_THROTTLE_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/operator/resilience/attempt_weight.h"
#include "server/operator/resilience/sliding_window.h"

namespace uid2 {

struct ThrottleOptions {
  // How far back attempts are counted. Must be longer than an attempt may take; otherwise failures
  // would be dropped before they are known. Should be short, so that recovery is noticed soon.
  absl::Duration sampling_window = absl::Seconds(10);
  // Nothing is rejected until this many attempts within the window have failed. 20 attempts are
  // seven calls with all of their retries.
  int min_failures = 20;
  // The largest share of attempts that is rejected. Must be less than 1; the rest detect recovery.
  double max_rejection_probability = 0.9;
};

// Rejects attempts at an address while most of them fail. This is client-side adaptive throttling
// (Google's "Site Reliability Engineering", "Handling Overload"), with K = 2.
//
// Throttling begins when at least `min_failures` of the attempts sent within the window have
// failed, and these are more than half of all. Then an attempt is rejected with the probability
// (failed - succeeded) / (failed + succeeded + 1), which is the book's formula without attempts in
// flight. Throttling ends when failures no longer outnumber successes. Attempts in flight count in
// favor of the address until throttling begins, and not at all after that, so that an operator that
// is slow but healthy is not mistaken for one that is down. docs/decisions/0007-throttling.md has
// the numbers.
//
// An attempt whose permit is never returned counts as in flight until the window drops it.
// Thread-safe; locks briefly and does not allocate.
class Throttle {
 public:
  using TimePoint = CallContext::TimePoint;

  // For one attempt, which must end with exactly one of Succeeded(), Failed() and Release().
  class Permit {
   private:
    friend class Throttle;
    explicit Permit(SlidingWindow::Bucket bucket) : bucket_(bucket) {}

    SlidingWindow::Bucket bucket_;
  };

  // Called when throttling begins (true) and ends (false). Runs under the lock, so that changes are
  // reported in order. It must not block or use this object. If throttling ends because time has
  // passed, the next Admit() or rejection_probability() reports that.
  using OnChange = std::function<void(bool throttling)>;

  explicit Throttle(const ThrottleOptions& options, OnChange on_change = nullptr);

  // Counts an attempt as sent, or returns nothing if it is rejected; rejected attempts are not
  // counted. `random_fraction` is from [0, 1).
  absl::optional<Permit> Admit(TimePoint now, double random_fraction);

  void Succeeded(const Permit& permit, TimePoint now);
  // `weight` is from 1 to kFullWeight.
  void Failed(const Permit& permit, TimePoint now, int weight = kFullWeight);
  // Removes the attempt from the counts, because it says nothing about the address, for example if
  // its caller has gone away.
  void Release(const Permit& permit, TimePoint now);

  // The probability with which an attempt is rejected at `now`; 0 while the address is healthy.
  double rejection_probability(TimePoint now);

 private:
  // Begins or ends throttling, depending on the counts.
  void Update() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double RejectionProbability() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ThrottleOptions options_;
  const OnChange on_change_;
  mutable absl::Mutex mutex_;
  SlidingWindow window_ ABSL_GUARDED_BY(mutex_);
  bool rejecting_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_THROTTLE_H_
