#ifndef SERVER_OPERATOR_RESILIENCE_ADDRESS_EJECTION_H_
#define SERVER_OPERATOR_RESILIENCE_ADDRESS_EJECTION_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {

struct AddressEjectionOptions {
  // So many failures in a row send an address to ejection.
  int consecutive_failures = 3;
  // How long it rests before one call probes it; doubled after each probe that fails.
  absl::Duration base_ejection_time = absl::Seconds(1);
  absl::Duration max_ejection_time = absl::Seconds(5);
};

// Whether one of the operator's addresses should be used: it rests while it fails, so that calls
// go to the next one, and is probed by one call at a time, so that they come back.
//
// Only attempts that were begun since the address went to ejection, or since it is well, decide
// anything: however many were under way when it failed, it goes to ejection once and for
// `base_ejection_time`, and their failures do not hurt an address that has recovered meanwhile.
// Thread-safe; a short lock, and no allocation.
class AddressEjection {
 public:
  using TimePoint = CallContext::TimePoint;

  enum class Availability {
    // Like any other time.
    kHealthy,
    // It rests, and the attempt that asks is the one to find out whether it must. Whoever gets
    // this reports its outcome in any case, or else the address is never probed again.
    kProbe,
    // It rests. Where all addresses do, one may be used all the same: such an attempt is no probe
    // and its failure counts for nothing, but its success makes the address well.
    kEjected,
  };

  // An answer to one attempt.
  class Lease {
   public:
    Availability availability() const { return availability_; }

   private:
    friend class AddressEjection;
    Lease(Availability use, int64_t epoch) : availability_(use), epoch_(epoch) {}

    Availability availability_;
    int64_t epoch_;
  };

  // Told when the address is ejected (true) and when it is readmitted (false). Runs under the lock,
  // so that changes are told in order: it must neither block nor call back.
  using OnChange = std::function<void(bool ejected)>;

  explicit AddressEjection(const AddressEjectionOptions& options, OnChange on_change = nullptr)
      : options_(options), on_change_(std::move(on_change)) {}

  // How the address may be used by an attempt that begins now. Asks for no commitment but to
  // kProbe: a lease for an attempt that goes next_is_other_address is thrown away.
  Lease Ask(TimePoint now);

  // What became of the attempt. `random_fraction` is random, from [0, 1): rests are up to a tenth
  // shorter than said, so that the replicas of this service do not probe all at once.
  void Report(const Lease& lease, AttemptOutcome outcome, TimePoint now, double random_fraction);

  bool ejected() const;

 private:
  void Eject(absl::Duration ejection, TimePoint now, double random_fraction)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Recover() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(Availability use, bool at_once, TimePoint now, double random_fraction)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void SetEjected(bool ejected) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const AddressEjectionOptions options_;
  const OnChange on_change_;
  mutable absl::Mutex mutex_;
  // Numbers the times of being well and of resting, which take turns.
  int64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ejected_ ABSL_GUARDED_BY(mutex_) = false;
  // While it is well.
  int consecutive_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  // While it rests.
  bool probed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration ejection_time_ ABSL_GUARDED_BY(mutex_);
  TimePoint next_probe_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_EJECTION_H_
