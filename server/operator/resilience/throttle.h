// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_THROTTLE_H_
#define SERVER_OPERATOR_RESILIENCE_THROTTLE_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/operator/resilience/sliding_window.h"

namespace uid2 {

struct ThrottleOptions {
  // How far back attempts count. Longer than an attempt may take, or failures would be dropped
  // before they are known; short, so that recovery is noticed soon.
  absl::Duration sampling_window = absl::Seconds(10);
  // Nothing is rejected until this many attempts have failed within the window; with all of their
  // retries, 20 are seven calls.
  int min_failures = 20;
  // At most this share of attempts is rejected, so that some always probe. Less than 1.
  double max_rejection_probability = 0.9;
};

// Rejects attempts at an address while it fails most of them, and admits all again once it does
// not: client-side adaptive throttling (Google's "Site Reliability Engineering", "Handling
// Overload"), with K = 2.
//
// It begins when at least `min_failures` of the attempts sent within the window have failed, and
// more than half of them. From then on an attempt is rejected with the probability
// (failed - succeeded) / (failed + succeeded + 1), which is the book's without attempts in flight.
// It ends when no more have failed than succeeded. Attempts in flight count in the address's favour
// before it begins, and for neither side after that, so that a slow, healthy operator is not
// mistaken for one that is down. docs/decisions/0007-throttling.md has the numbers.
//
// An attempt whose permit is never given back counts as in flight until the window drops it.
// Thread-safe; a short lock, and no allocation.
class Throttle {
 public:
  using TimePoint = CallContext::TimePoint;

  // For one attempt, which ends with exactly one of Succeeded(), Failed() and Release().
  class Permit {
   private:
    friend class Throttle;
    explicit Permit(SlidingWindow::Bucket bucket) : bucket_(bucket) {}

    SlidingWindow::Bucket bucket_;
  };

  // Told when attempts begin to be held back (true) and when none are any more (false). Runs under
  // the lock, so that changes are told in order: it must neither block nor call back. Time alone
  // ends the holding back as well, which is told by the next Admit().
  using OnChange = std::function<void(bool throttling)>;

  explicit Throttle(const ThrottleOptions& options, OnChange on_change = nullptr);

  // Counts an attempt as sent, or returns nothing if it is rejected; rejected attempts are not
  // counted. `random_fraction` is from [0, 1).
  absl::optional<Permit> Admit(TimePoint now, double random_fraction);

  void Succeeded(const Permit& permit, TimePoint now);
  void Failed(const Permit& permit, TimePoint now);
  // The attempt has said nothing about the address, as when its caller has gone: forgets it.
  void Release(const Permit& permit, TimePoint now);

  // The probability with which an attempt is rejected now: 0 while the address is healthy.
  double rejection_probability(TimePoint now);

 private:
  // Begins or ends rejecting attempts, according to the counts.
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
