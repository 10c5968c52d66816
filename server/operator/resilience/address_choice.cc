#include "server/operator/resilience/address_choice.h"

#include <algorithm>

namespace uid2 {
namespace {

using Use = AddressRest::Use;

// An operator that is well has answered: another address would say the same.
bool IsReasonToStay(FailureKind kind) {
  return kind == FailureKind::kTooManyRequests || kind == FailureKind::kStampRefused;
}

}  // namespace

template <typename Usable>
absl::optional<size_t> AddressChoice::Best(Usable usable) const {
  const auto may = [this](size_t i, bool failed) {
    return state_[i].failed == failed && !state_[i].held_back;
  };
  for (size_t i = 0; i < rests_.size(); ++i) {
    if (may(i, false) && usable(i)) return i;
  }
  for (size_t steps = 1; steps <= rests_.size(); ++steps) {
    const size_t i = (current_ + steps) % rests_.size();
    if (may(i, true) && usable(i)) return i;
  }
  for (const bool failed : {false, true}) {
    for (size_t i = 0; i < rests_.size(); ++i) {
      if (may(i, failed)) return i;
    }
  }
  return absl::nullopt;
}

absl::optional<AddressChoice::Pick> AddressChoice::Take(TimePoint now) {
  if (rests_.size() == 1) {
    if (state_[0].held_back) return absl::nullopt;
    return Pick{0, absl::nullopt};
  }
  const auto pick = [&](size_t index, AddressRest::Ticket ticket) {
    current_ = index;
    stay_ = false;
    return Pick{index, ticket};
  };
  if (stay_ && !state_[current_].held_back) return pick(current_, rests_[current_]->Ask(now));
  absl::optional<AddressRest::Ticket> ticket;
  const absl::optional<size_t> best = Best([&](size_t i) {
    ticket = rests_[i]->Ask(now);
    return ticket->use() != Use::kResting;
  });
  if (!best.has_value()) return absl::nullopt;
  // Where all rest, the ticket is that of whoever was asked last.
  const bool usable = ticket->use() != Use::kResting;
  return pick(*best, usable ? *ticket : rests_[*best]->Ask(now));
}

void AddressChoice::Failed(FailureKind kind, absl::optional<absl::Duration> retry_after,
                           TimePoint now) {
  stay_ = IsReasonToStay(kind);
  for (State& state : state_) state.held_back = false;
  State& state = state_[current_];
  state.failed = !stay_;
  state.not_before.reset();
  if (retry_after.has_value()) {
    state.not_before = now + absl::ToChronoNanoseconds(*retry_after);
  }
}

bool AddressChoice::elsewhere() const {
  const size_t expected = Expected();
  return expected != current_ && !state_[expected].failed && !rests_[expected]->rests();
}

absl::optional<absl::Duration> AddressChoice::retry_after(TimePoint now) const {
  const absl::optional<TimePoint>& not_before = state_[Expected()].not_before;
  if (!not_before.has_value()) return absl::nullopt;
  return std::max(absl::FromChrono(*not_before - now), absl::ZeroDuration());
}

size_t AddressChoice::Expected() const {
  if (stay_ || rests_.size() == 1) return current_;
  // After a failure none holds calls back, so there is one.
  return *Best([this](size_t i) { return !rests_[i]->rests(); });
}

}  // namespace uid2
