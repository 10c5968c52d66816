// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/address_ejection.h"

#include <algorithm>

#include "server/operator/resilience/attempt_weight.h"

namespace uid2 {

AddressEjection::Lease AddressEjection::Acquire(TimePoint now) {
  absl::MutexLock lock(&mutex_);
  if (!ejected_) return Lease(Availability::kHealthy, consecutive_failures_ > 0, epoch_);
  if (probing_ || now < next_probe_) return Lease(Availability::kEjected, true, epoch_);
  probing_ = true;
  return Lease(Availability::kProbe, true, epoch_);
}

void AddressEjection::Report(const Lease& lease, const AttemptVerdict& verdict, TimePoint now,
                             double random_fraction) {
  absl::MutexLock lock(&mutex_);
  if (lease.epoch_ != epoch_) return;
  switch (verdict.outcome) {
    case AttemptOutcome::kAnswered:
    case AttemptOutcome::kTooManyRequests:
      return Recover();
    case AttemptOutcome::kFailed:
      return Fail(lease.availability_, verdict.weight, now, random_fraction);
    case AttemptOutcome::kCertificateFault:
      // Enough to be ejected at once.
      return Fail(lease.availability_, kFullWeight * options_.consecutive_failures, now,
                  random_fraction);
    case AttemptOutcome::kUndecided:
      if (lease.availability_ == Availability::kProbe) probing_ = false;
      return;
  }
}

bool AddressEjection::ejected() const {
  absl::MutexLock lock(&mutex_);
  return ejected_;
}

void AddressEjection::Recover() {
  consecutive_failures_ = 0;
  if (ejected_) SetEjected(false);
}

void AddressEjection::SetEjected(bool ejected) {
  ejected_ = ejected;
  ++epoch_;
  if (on_change_) on_change_(ejected);
}

void AddressEjection::Fail(Availability availability, int weight, TimePoint now,
                           double random_fraction) {
  switch (availability) {
    case Availability::kHealthy:
      consecutive_failures_ += weight;
      if (consecutive_failures_ < kFullWeight * options_.consecutive_failures) return;
      SetEjected(true);
      return Eject(options_.base_ejection_time, now, random_fraction);
    case Availability::kProbe:
      // A probe that counts only in part does not show that the address should be left alone for
      // longer.
      return Eject(weight < kFullWeight ? ejection_time_ : 2 * ejection_time_, now,
                   random_fraction);
    case Availability::kEjected:
      return;
  }
}

void AddressEjection::Eject(absl::Duration duration, TimePoint now, double random_fraction) {
  probing_ = false;
  ejection_time_ = std::min(duration, options_.max_ejection_time);
  next_probe_ = now + absl::ToChronoNanoseconds(ejection_time_ * (1 - random_fraction / 10));
}

}  // namespace uid2
