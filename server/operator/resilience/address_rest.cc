#include "server/operator/resilience/address_rest.h"

#include <algorithm>

namespace uid2 {

AddressRest::Ticket AddressRest::Ask(TimePoint now) {
  absl::MutexLock lock(&mutex_);
  if (!rests_) return Ticket(Use::kWell, spell_);
  if (probed_ || now < next_probe_) return Ticket(Use::kResting, spell_);
  probed_ = true;
  return Ticket(Use::kProbe, spell_);
}

void AddressRest::Report(const Ticket& ticket, AttemptOutcome outcome, TimePoint now, double draw) {
  absl::MutexLock lock(&mutex_);
  if (ticket.spell_ != spell_) return;
  switch (outcome) {
    case AttemptOutcome::kAnswered:
    case AttemptOutcome::kTooManyRequests:
      return Recover();
    case AttemptOutcome::kFailed:
      return Fail(ticket.use_, /*at_once=*/false, now, draw);
    case AttemptOutcome::kCertificateFault:
      return Fail(ticket.use_, /*at_once=*/true, now, draw);
    case AttemptOutcome::kUndecided:
      if (ticket.use_ == Use::kProbe) probed_ = false;
      return;
  }
}

bool AddressRest::rests() const {
  absl::MutexLock lock(&mutex_);
  return rests_;
}

void AddressRest::Recover() {
  failures_in_a_row_ = 0;
  if (!rests_) return;
  rests_ = false;
  ++spell_;
}

void AddressRest::Fail(Use use, bool at_once, TimePoint now, double draw) {
  switch (use) {
    case Use::kWell:
      if (++failures_in_a_row_ < options_.failures && !at_once) return;
      rests_ = true;
      ++spell_;
      return BeginRest(options_.first_rest, now, draw);
    case Use::kProbe:
      return BeginRest(2 * rest_, now, draw);
    case Use::kResting:
      return;
  }
}

void AddressRest::BeginRest(absl::Duration rest, TimePoint now, double draw) {
  probed_ = false;
  rest_ = std::min(rest, options_.longest_rest);
  next_probe_ = now + absl::ToChronoNanoseconds(rest_ * (1 - draw / 10));
}

}  // namespace uid2
