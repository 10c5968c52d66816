#include "server/operator/resilience/refresh_flights.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace uid2 {

std::shared_ptr<RefreshFlights::Flight> RefreshFlights::Board(
    const TokenRefreshRequest& request, CallContext::TimePoint deadline,
    const std::shared_ptr<Waiter>& waiter) {
  Flight::Key key(absl::StripAsciiWhitespace(request.refresh_token), request.refresh_response_key);
  TokenApi::Callback<TokenRefreshReply> left_before;
  {
    absl::MutexLock lock(&mutex_);
    if (waiter->left.ok()) {
      std::shared_ptr<Flight>& open = open_[key];
      const bool is_new = open == nullptr;
      if (is_new) {
        open = std::make_shared<Flight>(std::move(key), deadline);
        ++counts_.refreshes_in_flight;
      } else {
        open->context.Extend(deadline);
        ++counts_.shared;
      }
      open->waiters.push_back(waiter);
      waiter->flight = open;
      return is_new ? open : nullptr;
    }
    left_before = std::move(waiter->done);
  }
  std::move(left_before)(waiter->left);
  return nullptr;
}

void RefreshFlights::Leave(Waiter& waiter, const absl::Status& why) {
  TokenApi::Callback<TokenRefreshReply> done;
  std::shared_ptr<Flight> flight;
  {
    absl::MutexLock lock(&mutex_);
    if (!waiter.done || !waiter.left.ok()) return;
    waiter.left = why;
    // Board() will see it.
    if (waiter.flight == nullptr) return;
    flight = waiter.flight;
    if (flight->waiters.size() == 1) {
      Close(*flight);
    } else {
      done = std::move(waiter.done);
      waiter.done = nullptr;
      waiter.flight = nullptr;
      std::vector<std::shared_ptr<Waiter>>& waiters = flight->waiters;
      waiters.erase(std::find_if(waiters.begin(), waiters.end(),
                                 [&](const auto& other) { return other.get() == &waiter; }));
    }
  }
  if (done) {
    std::move(done)(why);
  } else {
    flight->context.Cancel();
  }
}

void RefreshFlights::Land(Flight& flight, const absl::StatusOr<TokenRefreshReply>& result) {
  std::vector<std::pair<TokenApi::Callback<TokenRefreshReply>, absl::Status>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    Close(flight);
    --counts_.refreshes_in_flight;
    waiting.reserve(flight.waiters.size());
    for (const std::shared_ptr<Waiter>& waiter : flight.waiters) {
      waiting.emplace_back(std::move(waiter->done), waiter->left);
      waiter->done = nullptr;
      waiter->flight = nullptr;
    }
    flight.waiters.clear();
  }
  for (auto& [done, left] : waiting) {
    // One that is leaving may as well have a reply that came after all.
    if (result.ok() || left.ok()) {
      std::move(done)(result);
    } else {
      std::move(done)(left);
    }
  }
}

void RefreshFlights::Close(const Flight& flight) {
  const auto found = open_.find(flight.key);
  if (found != open_.end() && found->second.get() == &flight) open_.erase(found);
}

}  // namespace uid2
