#include "server/operator/resilience/throttle.h"

#include <algorithm>

namespace uid2 {

Throttle::Throttle(const ThrottleOptions& options) : options_(options), window_(options.window) {}

absl::optional<Throttle::Ticket> Throttle::Admit(TimePoint now, double draw) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  Decide();
  if (draw < Share()) return absl::nullopt;
  return Ticket(window_.Send());
}

void Throttle::Succeeded(const Ticket& ticket, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.Succeed(ticket.bucket_);
}

void Throttle::Failed(const Ticket& ticket, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.Fail(ticket.bucket_);
}

void Throttle::Withdraw(const Ticket& ticket, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  window_.Withdraw(ticket.bucket_);
}

double Throttle::held_back_share(TimePoint now) {
  absl::MutexLock lock(&mutex_);
  window_.AdvanceTo(now);
  Decide();
  return Share();
}

void Throttle::Decide() {
  const SlidingWindow::Counts& counts = window_.total();
  if (holding_back_) {
    holding_back_ = counts.failed > counts.succeeded;
  } else {
    holding_back_ = counts.failed >= options_.least_failures && 2 * counts.failed > counts.sent;
  }
}

double Throttle::Share() const {
  if (!holding_back_) return 0;
  const SlidingWindow::Counts& counts = window_.total();
  const double share = static_cast<double>(counts.failed - counts.succeeded) /
                       static_cast<double>(counts.failed + counts.succeeded + 1);
  return std::min(share, options_.most_held_back);
}

}  // namespace uid2
