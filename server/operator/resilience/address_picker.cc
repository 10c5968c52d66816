// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/address_picker.h"

#include <algorithm>

namespace uid2 {
namespace {

using Availability = AddressEjection::Availability;

// A healthy operator has answered, so another address would give the same answer.
bool IsRetriedAtSameAddress(FailureKind kind) {
  return kind == FailureKind::kTooManyRequests || kind == FailureKind::kTimestampRejected ||
         kind == FailureKind::kCredentialsRejected;
}

}  // namespace

template <typename Usable>
absl::optional<size_t> AddressPicker::FirstUsable(Usable usable) const {
  const auto is_candidate = [this](size_t i, bool failed) {
    return state_[i].failed == failed && !state_[i].suspended;
  };
  for (size_t i = 0; i < ejections_.size(); ++i) {
    if (is_candidate(i, false) && usable(i)) return i;
  }
  for (size_t steps = 1; steps <= ejections_.size(); ++steps) {
    const size_t i = (current_ + steps) % ejections_.size();
    if (is_candidate(i, true) && usable(i)) return i;
  }
  for (const bool failed : {false, true}) {
    for (size_t i = 0; i < ejections_.size(); ++i) {
      if (is_candidate(i, failed)) return i;
    }
  }
  return absl::nullopt;
}

absl::optional<AddressPicker::PickResult> AddressPicker::Pick(TimePoint now) {
  if (ejections_.size() == 1) {
    if (state_[0].suspended) return absl::nullopt;
    return PickResult{0, absl::nullopt};
  }
  const auto pick = [&](size_t index, AddressEjection::Lease lease) {
    current_ = index;
    stay_ = false;
    return PickResult{index, lease};
  };
  if (stay_ && !state_[current_].suspended) {
    return pick(current_, ejections_[current_]->Acquire(now));
  }
  absl::optional<AddressEjection::Lease> lease;
  const absl::optional<size_t> best = FirstUsable([&](size_t i) {
    lease = ejections_[i]->Acquire(now);
    return lease->availability() != Availability::kEjected;
  });
  if (!best.has_value()) return absl::nullopt;
  // If all addresses are ejected, the lease belongs to the last one that was tried.
  const bool usable = lease->availability() != Availability::kEjected;
  return pick(*best, usable ? *lease : ejections_[*best]->Acquire(now));
}

void AddressPicker::OnFailure(FailureKind kind, absl::optional<absl::Duration> retry_after,
                              TimePoint now) {
  stay_ = IsRetriedAtSameAddress(kind);
  for (State& state : state_) state.suspended = false;
  State& state = state_[current_];
  state.failed = !stay_;
  state.not_before.reset();
  if (retry_after.has_value()) {
    state.not_before = now + absl::ToChronoNanoseconds(*retry_after);
  }
}

bool AddressPicker::can_fail_over() const {
  const size_t next = NextIndex();
  return next != current_ && !state_[next].failed && !ejections_[next]->ejected();
}

bool AddressPicker::has_alternative() const {
  for (size_t i = 0; i < ejections_.size(); ++i) {
    if (i != current_ && !state_[i].failed && !ejections_[i]->ejected()) return true;
  }
  return false;
}

absl::optional<absl::Duration> AddressPicker::retry_after(TimePoint now) const {
  const absl::optional<TimePoint>& not_before = state_[NextIndex()].not_before;
  if (!not_before.has_value()) return absl::nullopt;
  return std::max(absl::FromChrono(*not_before - now), absl::ZeroDuration());
}

size_t AddressPicker::NextIndex() const {
  if (stay_ || ejections_.size() == 1) return current_;
  // There is always a usable address, because OnFailure() ends the suspension of all addresses.
  return *FirstUsable([this](size_t i) { return !ejections_[i]->ejected(); });
}

}  // namespace uid2
