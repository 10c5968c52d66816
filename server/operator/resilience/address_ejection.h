// SPDX-License-Identifier: Apache-2.0

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
  // Consecutive failures after which an address is ejected.
  int consecutive_failures = 3;
  // How long it stays ejected before a call probes it; doubles after each probe that fails.
  absl::Duration base_ejection_time = absl::Seconds(1);
  absl::Duration max_ejection_time = absl::Seconds(5);
};

// Whether one of the operator's addresses should be used. While it fails it is ejected, so calls go
// to the next address, and one call at a time probes it, so calls come back once it is healthy.
//
// Only attempts that began after the last change, to ejected or back to healthy, count: however
// many are in flight when the address fails, it is ejected once and for `base_ejection_time`, and
// their failures do not hurt an address that has recovered since. Thread-safe; a short lock, and no
// allocation.
class AddressEjection {
 public:
  using TimePoint = CallContext::TimePoint;

  enum class Availability {
    kHealthy,
    // Ejected, and this attempt is the probe that finds out whether the address has recovered. Its
    // outcome must be reported, or the address is never probed again.
    kProbe,
    // Ejected. If all addresses are, an attempt may be sent anyway: it is not a probe, so its
    // failure counts for nothing, but its success makes the address healthy.
    kEjected,
  };

  // What Acquire() gives to one attempt, which reports its outcome with it.
  class Lease {
   public:
    Availability availability() const { return availability_; }

   private:
    friend class AddressEjection;
    Lease(Availability availability, int64_t epoch) : availability_(availability), epoch_(epoch) {}

    Availability availability_;
    int64_t epoch_;
  };

  // Told when the address is ejected (true) and when it is readmitted (false). Runs under the lock,
  // so that changes are told in order: it must neither block nor call back.
  using OnChange = std::function<void(bool ejected)>;

  explicit AddressEjection(const AddressEjectionOptions& options, OnChange on_change = nullptr)
      : options_(options), on_change_(std::move(on_change)) {}

  // How an attempt that begins now may use the address. Unless it is kProbe, the lease may be
  // dropped, as when the attempt goes to another address.
  Lease Acquire(TimePoint now);

  // The attempt has ended. `random_fraction` is from [0, 1): up to a tenth of the ejection time is
  // taken off at random, so that replicas of this service do not all probe at the same moment.
  void Report(const Lease& lease, AttemptOutcome outcome, TimePoint now, double random_fraction);

  bool ejected() const;

 private:
  void Eject(absl::Duration duration, TimePoint now, double random_fraction)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Recover() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(Availability availability, bool at_once, TimePoint now, double random_fraction)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void SetEjected(bool ejected) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const AddressEjectionOptions options_;
  const OnChange on_change_;
  mutable absl::Mutex mutex_;
  // Incremented with each change between healthy and ejected.
  int64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ejected_ ABSL_GUARDED_BY(mutex_) = false;
  // While healthy.
  int consecutive_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  // While ejected: whether a probe is in flight.
  bool probing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration ejection_time_ ABSL_GUARDED_BY(mutex_);
  TimePoint next_probe_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_EJECTION_H_
