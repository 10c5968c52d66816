// SPDX-License-Identifier: Apache-2.0

#include "server/operator/operator_clock.h"

#include <algorithm>

namespace uid2 {
namespace {

// How much each source truncates the time.
constexpr absl::Duration kSealedResolution = absl::Milliseconds(1);
constexpr absl::Duration kDateResolution = absl::Seconds(1);

bool Differ(absl::Time a, absl::Time b) {
  return absl::AbsDuration(a - b) >= OperatorClock::kMinCorrection;
}

}  // namespace

absl::optional<absl::Time> OperatorClock::estimate() const {
  absl::MutexLock lock(&mutex_);
  if (!estimate_.has_value()) return absl::nullopt;
  return estimate_->at_boot + SinceBoot();
}

absl::optional<absl::Duration> OperatorClock::offset() const {
  absl::MutexLock lock(&mutex_);
  if (!estimate_.has_value()) return absl::nullopt;
  return estimate_->at_boot - LocalAtBoot();
}

OperatorClock::Stamp OperatorClock::NewStamp() const {
  absl::MutexLock lock(&mutex_);
  const absl::Duration since_boot = SinceBoot();
  return {estimate_.has_value() ? estimate_->at_boot + since_boot : local_.Now(), since_boot};
}

void OperatorClock::LearnSealed(absl::Time operator_time, absl::Duration sent) {
  absl::MutexLock lock(&mutex_);
  estimate_ = {Source::kSealed, Agree(operator_time, kSealedResolution, sent)};
  dates_ignored_until_ = -absl::InfiniteDuration();
  TellOffset();
}

void OperatorClock::LearnDate(absl::Time date, absl::Duration sent) {
  absl::MutexLock lock(&mutex_);
  if (!TakesDates()) return;
  estimate_ = {Source::kDate, Agree(date, kDateResolution, sent)};
  TellOffset();
}

bool OperatorClock::LearnRejection(const Stamp& stamp, absl::optional<absl::Time> date) {
  absl::MutexLock lock(&mutex_);
  const absl::Duration since_boot = SinceBoot();
  // The request took so long, perhaps because the machine was suspended, that its age is the
  // reason.
  if (since_boot - stamp.since_boot >= kMinCorrection) return true;

  const absl::Time rejected = stamp.time - stamp.since_boot;
  if (estimate_.has_value()) {
    // Another call has since learned a better time.
    if (Differ(estimate_->at_boot, rejected)) return true;
    if (estimate_->source == Source::kDate) dates_ignored_until_ = since_boot + kDateIgnoreTime;
    estimate_.reset();
  }
  if (date.has_value() && TakesDates()) {
    const absl::Time at_boot = Agree(*date, kDateResolution, stamp.since_boot);
    if (Differ(at_boot, rejected)) {
      estimate_ = {Source::kDate, at_boot};
      TellOffset();
      return true;
    }
  }
  TellOffset();
  return Differ(LocalAtBoot(), rejected);
}

void OperatorClock::TellOffset() {
  if (!on_offset_) return;
  const absl::Duration offset =
      estimate_.has_value() ? estimate_->at_boot - LocalAtBoot() : absl::ZeroDuration();
  if (absl::AbsDuration(offset - told_offset_) < kMinOffsetChange) return;
  told_offset_ = offset;
  on_offset_(offset);
}

absl::Time OperatorClock::Agree(absl::Time time, absl::Duration resolution,
                                absl::Duration sent) const {
  const absl::Time present = estimate_.has_value() ? estimate_->at_boot : LocalAtBoot();
  return std::clamp(present, time - SinceBoot(), time + resolution - sent);
}

bool OperatorClock::TakesDates() const {
  if (estimate_.has_value() && estimate_->source == Source::kSealed) return false;
  return SinceBoot() >= dates_ignored_until_;
}

}  // namespace uid2
