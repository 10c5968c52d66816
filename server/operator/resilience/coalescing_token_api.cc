#include "server/operator/resilience/coalescing_token_api.h"

#include "server/operator/time_left.h"

namespace uid2 {

void CoalescingTokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                                  Callback<TokenGenerateReply> done) {
  next_->Generate(std::move(request), context, std::move(done));
}

void CoalescingTokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                                 Callback<TokenRefreshReply> done) {
  // Here, since a shared_call has the deadline of whoever boards later as well.
  const absl::Status time_left = CheckTimeLeft(context, clock_.Steady(), min_time_left_);
  if (!time_left.ok()) return std::move(done)(time_left);

  auto timer = std::make_shared<Timers::Id>();
  auto waiter = std::make_shared<SharedRefreshes::Waiter>(
      [this, timer, done = std::move(done)](absl::StatusOr<TokenRefreshReply> reply) mutable {
        // Where it has rung, nobody waits for what it does.
        (void)timers_.Cancel(*timer);
        std::move(done)(std::move(reply));
      });
  // Both before boarding: from then on the shared_call may land at any time, with which the context
  // may end.
  context.OnCancel([&shared_refreshes = shared_refreshes_, waiter] {
    shared_refreshes.Leave(*waiter, absl::CancelledError("the caller has gone"));
  });
  const CallContext::TimePoint deadline = context.deadline();
  *timer = timers_.Schedule(deadline, [&shared_refreshes = shared_refreshes_, waiter,
                                       is_callers = context.deadline_is_callers()] {
    shared_refreshes.Leave(*waiter, NoAnswerInTime(is_callers));
  });

  const std::shared_ptr<SharedRefreshes::SharedCall> shared_call =
      shared_refreshes_.Join(request, deadline, waiter);
  if (shared_call == nullptr) return;
  next_->Refresh(std::move(request), shared_call->context,
                 [&shared_refreshes = shared_refreshes_,
                  shared_call](absl::StatusOr<TokenRefreshReply> reply) {
                   shared_refreshes.Complete(*shared_call, reply);
                 });
}

}  // namespace uid2
