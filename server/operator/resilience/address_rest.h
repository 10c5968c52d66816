#ifndef SERVER_OPERATOR_RESILIENCE_ADDRESS_REST_H_
#define SERVER_OPERATOR_RESILIENCE_ADDRESS_REST_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {

struct AddressRestOptions {
  // So many failures in a row send an address to rest.
  int failures = 3;
  // How long it rests before one call probes it; doubled after each probe that fails.
  absl::Duration first_rest = absl::Seconds(1);
  absl::Duration longest_rest = absl::Seconds(5);
};

// Whether one of the operator's addresses should be used: it rests while it fails, so that calls
// go to the next one, and is probed by one call at a time, so that they come back.
//
// Only attempts that were begun since the address went to rest, or since it is well, decide
// anything: however many were under way when it failed, it goes to rest once and for `first_rest`,
// and their failures do not hurt an address that has recovered meanwhile. Thread-safe; a short
// lock, and no allocation.
class AddressRest {
 public:
  using TimePoint = CallContext::TimePoint;

  enum class Use {
    // Like any other time.
    kWell,
    // It rests, and the attempt that asks is the one to find out whether it must. Whoever gets
    // this reports its outcome in any case, or else the address is never probed again.
    kProbe,
    // It rests. Where all addresses do, one may be used all the same: such an attempt is no probe
    // and its failure counts for nothing, but its success makes the address well.
    kResting,
  };

  // An answer to one attempt.
  class Ticket {
   public:
    Use use() const { return use_; }

   private:
    friend class AddressRest;
    Ticket(Use use, int64_t spell) : use_(use), spell_(spell) {}

    Use use_;
    int64_t spell_;
  };

  explicit AddressRest(const AddressRestOptions& options) : options_(options) {}

  // How the address may be used by an attempt that begins now. Asks for no commitment but to
  // kProbe: a ticket for an attempt that goes elsewhere is thrown away.
  Ticket Ask(TimePoint now);

  // What became of the attempt. `draw` is random, from [0, 1): rests are up to a tenth shorter
  // than said, so that the replicas of this service do not probe all at once.
  void Report(const Ticket& ticket, AttemptOutcome outcome, TimePoint now, double draw);

  bool rests() const;

 private:
  void BeginRest(absl::Duration rest, TimePoint now, double draw)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Recover() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(Use use, bool at_once, TimePoint now, double draw)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const AddressRestOptions options_;
  mutable absl::Mutex mutex_;
  // Numbers the times of being well and of resting, which take turns.
  int64_t spell_ ABSL_GUARDED_BY(mutex_) = 0;
  bool rests_ ABSL_GUARDED_BY(mutex_) = false;
  // While it is well.
  int failures_in_a_row_ ABSL_GUARDED_BY(mutex_) = 0;
  // While it rests.
  bool probed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration rest_ ABSL_GUARDED_BY(mutex_);
  TimePoint next_probe_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_REST_H_
