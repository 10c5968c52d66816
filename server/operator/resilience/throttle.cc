#include "server/operator/resilience/throttle.h"

#include <algorithm>

namespace uid2 {

Throttle::Throttle(const ThrottleOptions& options)
    : options_(options), window_(options.sampling_window) {}

absl::optional<Throttle::Permit> Throttle::Admit(TimePoint now, double random_fraction) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  Update();
  if (random_fraction < RejectionProbability()) return absl::nullopt;
  return Permit(window_.CountSent());
}

void Throttle::Succeeded(const Permit& permit, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.CountSuccess(permit.bucket_);
}

void Throttle::Failed(const Permit& permit, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.CountFailure(permit.bucket_);
}

void Throttle::Release(const Permit& permit, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.Uncount(permit.bucket_);
}

double Throttle::rejection_probability(TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  Update();
  return RejectionProbability();
}

void Throttle::Update() {
  const SlidingWindow::Counts& counts = window_.total();
  if (rejecting_) {
    rejecting_ = counts.failed > counts.succeeded;
  } else {
    rejecting_ = counts.failed >= options_.min_failures && 2 * counts.failed > counts.sent;
  }
}

double Throttle::RejectionProbability() const {
  if (!rejecting_) return 0;
  const SlidingWindow::Counts& counts = window_.total();
  const double share = static_cast<double>(counts.failed - counts.succeeded) /
                       static_cast<double>(counts.failed + counts.succeeded + 1);
  return std::min(share, options_.max_rejection_probability);
}

}  // namespace uid2
