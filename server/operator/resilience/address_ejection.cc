#include "server/operator/resilience/address_ejection.h"

#include <algorithm>

namespace uid2 {

AddressEjection::Lease AddressEjection::Ask(TimePoint now) {
  absl::MutexLock lock(&mutex_);
  if (!ejected_) return Lease(Availability::kHealthy, epoch_);
  if (probed_ || now < next_probe_) return Lease(Availability::kEjected, epoch_);
  probed_ = true;
  return Lease(Availability::kProbe, epoch_);
}

void AddressEjection::Report(const Lease& lease, AttemptOutcome outcome, TimePoint now,
                             double random_fraction) {
  absl::MutexLock lock(&mutex_);
  if (lease.epoch_ != epoch_) return;
  switch (outcome) {
    case AttemptOutcome::kAnswered:
    case AttemptOutcome::kTooManyRequests:
      return Recover();
    case AttemptOutcome::kFailed:
      return Fail(lease.availability_, /*at_once=*/false, now, random_fraction);
    case AttemptOutcome::kCertificateFault:
      return Fail(lease.availability_, /*at_once=*/true, now, random_fraction);
    case AttemptOutcome::kUndecided:
      if (lease.availability_ == Availability::kProbe) probed_ = false;
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

void AddressEjection::Fail(Availability use, bool at_once, TimePoint now, double random_fraction) {
  switch (use) {
    case Availability::kHealthy:
      if (++consecutive_failures_ < options_.consecutive_failures && !at_once) return;
      SetEjected(true);
      return Eject(options_.base_ejection_time, now, random_fraction);
    case Availability::kProbe:
      return Eject(2 * ejection_time_, now, random_fraction);
    case Availability::kEjected:
      return;
  }
}

void AddressEjection::Eject(absl::Duration ejection, TimePoint now, double random_fraction) {
  probed_ = false;
  ejection_time_ = std::min(ejection, options_.max_ejection_time);
  next_probe_ = now + absl::ToChronoNanoseconds(ejection_time_ * (1 - random_fraction / 10));
}

}  // namespace uid2
