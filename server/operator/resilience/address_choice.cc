#include "server/operator/resilience/address_choice.h"

#include <algorithm>

namespace uid2 {
namespace {

using Availability = AddressEjection::Availability;

// An operator that is well has answered: another address would say the same.
bool IsRetriedAtSameAddress(FailureKind kind) {
  return kind == FailureKind::kTooManyRequests || kind == FailureKind::kStampRefused;
}

}  // namespace

template <typename Usable>
absl::optional<size_t> AddressChoice::FirstUsable(Usable usable) const {
  const auto may = [this](size_t i, bool failed) {
    return state_[i].failed == failed && !state_[i].held_back;
  };
  for (size_t i = 0; i < ejections_.size(); ++i) {
    if (may(i, false) && usable(i)) return i;
  }
  for (size_t steps = 1; steps <= ejections_.size(); ++steps) {
    const size_t i = (current_ + steps) % ejections_.size();
    if (may(i, true) && usable(i)) return i;
  }
  for (const bool failed : {false, true}) {
    for (size_t i = 0; i < ejections_.size(); ++i) {
      if (may(i, failed)) return i;
    }
  }
  return absl::nullopt;
}

absl::optional<AddressChoice::Selection> AddressChoice::Take(TimePoint now) {
  if (ejections_.size() == 1) {
    if (state_[0].held_back) return absl::nullopt;
    return Selection{0, absl::nullopt};
  }
  const auto selection = [&](size_t index, AddressEjection::Lease lease) {
    current_ = index;
    retry_same_address_ = false;
    return Selection{index, lease};
  };
  if (retry_same_address_ && !state_[current_].held_back)
    return selection(current_, ejections_[current_]->Ask(now));
  absl::optional<AddressEjection::Lease> lease;
  const absl::optional<size_t> best = FirstUsable([&](size_t i) {
    lease = ejections_[i]->Ask(now);
    return lease->availability() != Availability::kEjected;
  });
  if (!best.has_value()) return absl::nullopt;
  // Where all ejection, the lease is that of whoever was asked last.
  const bool usable = lease->availability() != Availability::kEjected;
  return selection(*best, usable ? *lease : ejections_[*best]->Ask(now));
}

void AddressChoice::Failed(FailureKind kind, absl::optional<absl::Duration> retry_after,
                           TimePoint now) {
  retry_same_address_ = IsRetriedAtSameAddress(kind);
  for (State& state : state_) state.held_back = false;
  State& state = state_[current_];
  state.failed = !retry_same_address_;
  state.not_before.reset();
  if (retry_after.has_value()) {
    state.not_before = now + absl::ToChronoNanoseconds(*retry_after);
  }
}

bool AddressChoice::next_is_other_address() const {
  const size_t expected = NextIndex();
  return expected != current_ && !state_[expected].failed && !ejections_[expected]->ejected();
}

absl::optional<absl::Duration> AddressChoice::retry_after(TimePoint now) const {
  const absl::optional<TimePoint>& not_before = state_[NextIndex()].not_before;
  if (!not_before.has_value()) return absl::nullopt;
  return std::max(absl::FromChrono(*not_before - now), absl::ZeroDuration());
}

size_t AddressChoice::NextIndex() const {
  if (retry_same_address_ || ejections_.size() == 1) return current_;
  // After a failure none holds calls back, so there is one.
  return *FirstUsable([this](size_t i) { return !ejections_[i]->ejected(); });
}

}  // namespace uid2
