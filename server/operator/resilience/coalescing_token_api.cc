#include "server/operator/resilience/coalescing_token_api.h"

#include "server/operator/time_left.h"

namespace uid2 {

void CoalescingTokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                                  Callback<TokenGenerateReply> done) {
  next_->Generate(std::move(request), context, std::move(done));
}

void CoalescingTokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                                 Callback<TokenRefreshReply> done) {
  // Here, since a flight has the deadline of whoever boards later as well.
  const absl::Status time_left = CheckTimeLeft(context, clock_.Steady(), least_time_);
  if (!time_left.ok()) return std::move(done)(time_left);

  auto timer = std::make_shared<Timers::Id>();
  auto waiter = std::make_shared<RefreshFlights::Waiter>(
      [this, timer, done = std::move(done)](absl::StatusOr<TokenRefreshReply> reply) mutable {
        // Where it has rung, nobody waits for what it does.
        (void)timers_.Cancel(*timer);
        std::move(done)(std::move(reply));
      });
  // Both before boarding: from then on the flight may land at any time, with which the context
  // may end.
  context.OnCancel([&flights = flights_, waiter] {
    flights.Leave(*waiter, absl::CancelledError("the caller has gone"));
  });
  const CallContext::TimePoint deadline = context.deadline();
  *timer = timers_.Schedule(
      deadline, [&flights = flights_, waiter, is_callers = context.deadline_is_callers()] {
        flights.Leave(*waiter, NoAnswerInTime(is_callers));
      });

  const std::shared_ptr<RefreshFlights::Flight> flight = flights_.Board(request, deadline, waiter);
  if (flight == nullptr) return;
  next_->Refresh(std::move(request), flight->context,
                 [&flights = flights_, flight](absl::StatusOr<TokenRefreshReply> reply) {
                   flights.Land(*flight, reply);
                 });
}

}  // namespace uid2
