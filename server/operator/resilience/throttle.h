#ifndef SERVER_OPERATOR_RESILIENCE_THROTTLE_H_
#define SERVER_OPERATOR_RESILIENCE_THROTTLE_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/operator/resilience/sliding_window.h"

namespace uid2 {

struct ThrottleOptions {
  // How far back attempts count. Longer than an attempt may take, or else failures would be
  // forgotten before they are known; short, so that recovery is noticed soon.
  absl::Duration window = absl::Seconds(10);
  // Nothing is held back before this many attempts, seven calls with all of theirs, have failed
  // within the window.
  int least_failures = 20;
  // Never more than this share of calls is held back, so that probes always flow. Less than 1.
  double most_held_back = 0.9;
};

// Holds attempts at one address back while it fails most of them, and lets them all through again
// once it does not: client-side adaptive throttling (Google's "Site Reliability Engineering",
// "Handling Overload"), with K = 2.
//
// It begins when more than half of the attempts that were sent within the window have failed, and
// at least `least_failures`. From then on an attempt is held back with the probability
// (failed - succeeded) / (failed + succeeded + 1), which is the book's with attempts under way
// left out. It ends when no more have failed than succeeded. Attempts under way speak for the
// address before it begins and for neither side after that, so that an operator that is slow and
// well is not taken for one that is down. docs/decisions/0007-throttling.md has the numbers.
//
// A caller that keeps its ticket to itself makes an attempt stay under way until the window
// forgets it. Thread-safe; a short lock, and no allocation.
class Throttle {
 public:
  using TimePoint = CallContext::TimePoint;

  // An attempt that may be sent. Its holder says once what became of it.
  class Ticket {
   private:
    friend class Throttle;
    explicit Ticket(SlidingWindow::Bucket bucket) : bucket_(bucket) {}

    SlidingWindow::Bucket bucket_;
  };

  explicit Throttle(const ThrottleOptions& options);

  // Counts an attempt as sent, or gives nothing where it is held back, which is not counted at
  // all. `draw` is random, from [0, 1).
  absl::optional<Ticket> Admit(TimePoint now, double draw);

  void Succeeded(const Ticket& ticket, TimePoint now);
  void Failed(const Ticket& ticket, TimePoint now);
  // It has neither failed nor succeeded, as when its caller has gone: as if it had not been sent.
  void Withdraw(const Ticket& ticket, TimePoint now);

  // The probability with which an attempt is held back now: 0 while all is well.
  double held_back_share(TimePoint now);

 private:
  // Begins or ends the holding back, as the counts say.
  void Decide() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double Share() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ThrottleOptions options_;
  mutable absl::Mutex mutex_;
  SlidingWindow window_ ABSL_GUARDED_BY(mutex_);
  bool holding_back_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_THROTTLE_H_
