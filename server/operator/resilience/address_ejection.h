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
  // Consecutive failures after which an address is ejected. An attempt that counts in part adds
  // that part.
  int consecutive_failures = 3;
  // How long an address stays ejected before a call probes it; doubles after each failed probe.
  absl::Duration base_ejection_time = absl::Seconds(1);
  absl::Duration max_ejection_time = absl::Seconds(5);
};

// Decides whether one of the operator's addresses should be used. An address that fails is ejected:
// calls go to the next address, while one call at a time probes this one until it has recovered.
//
// Only attempts that began after the last change (to ejected, or back to healthy) count. However
// many attempts are in flight when the address fails, it is ejected only once, for
// `base_ejection_time`, and their failures do not count after it has recovered. Thread-safe; locks
// briefly and does not allocate.
class AddressEjection {
 public:
  using TimePoint = CallContext::TimePoint;

  enum class Availability {
    kHealthy,
    // Ejected, and this attempt is the probe that shows whether the address has recovered. Its
    // outcome must be reported; otherwise the address is never probed again.
    kProbe,
    // Ejected. If all addresses are ejected, an attempt may be sent anyway. It is not a probe: its
    // failure does not count, but its success makes the address healthy.
    kEjected,
  };

  // Returned by Acquire() for one attempt, whose outcome is reported with it.
  class Lease {
   public:
    Availability availability() const { return availability_; }
    // Whether the last attempts have failed, so that this one may well fail too.
    bool suspect() const { return suspect_; }

   private:
    friend class AddressEjection;
    Lease(Availability availability, bool suspect, int64_t epoch)
        : availability_(availability), suspect_(suspect), epoch_(epoch) {}

    Availability availability_;
    bool suspect_;
    int64_t epoch_;
  };

  // Called when the address is ejected (true) and when it has recovered (false). Runs under the
  // lock, so that changes are reported in order. It must not block or use this object.
  using OnChange = std::function<void(bool ejected)>;

  explicit AddressEjection(const AddressEjectionOptions& options, OnChange on_change = nullptr)
      : options_(options), on_change_(std::move(on_change)) {}

  // Returns whether an attempt that begins now may use the address. Unless the lease is for a
  // kProbe, it need not be reported, for example if the attempt goes to another address.
  Lease Acquire(TimePoint now);

  // Reports that the attempt has ended. `random_fraction` is from [0, 1). It shortens the ejection
  // time by up to a tenth, so that replicas of this service do not all probe at the same moment.
  void Report(const Lease& lease, const AttemptVerdict& verdict, TimePoint now,
              double random_fraction);

  bool ejected() const;

 private:
  void Eject(absl::Duration duration, TimePoint now, double random_fraction)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Recover() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(Availability availability, int weight, TimePoint now, double random_fraction)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void SetEjected(bool ejected) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const AddressEjectionOptions options_;
  const OnChange on_change_;
  mutable absl::Mutex mutex_;
  // Incremented with each change between healthy and ejected.
  int64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ejected_ ABSL_GUARDED_BY(mutex_) = false;
  // In thousandths. Counted while the address is healthy.
  int consecutive_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  // Whether a probe of the ejected address is in flight.
  bool probing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration ejection_time_ ABSL_GUARDED_BY(mutex_);
  TimePoint next_probe_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_EJECTION_H_
