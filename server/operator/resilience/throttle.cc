// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/throttle.h"

#include <algorithm>
#include <utility>

namespace uid2 {

Throttle::Throttle(const ThrottleOptions& options, OnChange on_change)
    : options_(options), on_change_(std::move(on_change)), window_(options.sampling_window) {}

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

void Throttle::Failed(const Permit& permit, TimePoint now, int weight) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.CountFailure(permit.bucket_, weight);
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
  const bool before = rejecting_;
  if (rejecting_) {
    rejecting_ = counts.failed > counts.succeeded;
  } else {
    rejecting_ = counts.failed >= int64_t{kFullWeight} * options_.min_failures &&
                 2 * counts.failed > counts.sent;
  }
  // If the maximum is 0, nothing is rejected.
  if (rejecting_ != before && on_change_ && options_.max_rejection_probability > 0) {
    on_change_(rejecting_);
  }
}

double Throttle::RejectionProbability() const {
  if (!rejecting_) return 0;
  const SlidingWindow::Counts& counts = window_.total();
  const double share = static_cast<double>(counts.failed - counts.succeeded) /
                       static_cast<double>(counts.failed + counts.succeeded + kFullWeight);
  return std::min(share, options_.max_rejection_probability);
}

}  // namespace uid2
