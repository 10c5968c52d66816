#include "server/operator/resilience/coalescing_token_api.h"

#include "server/operator/time_left.h"

namespace uid2 {

void CoalescingTokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                                  Callback<TokenGenerateReply> done) {
  next_->Generate(std::move(request), context, std::move(done));
}

void CoalescingTokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                                 Callback<TokenRefreshReply> done) {
  // Checked here because a shared call may have a later deadline, that of another caller.
  const absl::Status time_left = CheckTimeLeft(context, clock_.Steady(), min_time_left_);
  if (!time_left.ok()) return std::move(done)(time_left);

  auto timer = std::make_shared<Timers::Id>();
  auto waiter = std::make_shared<SharedRefreshes::Waiter>(
      [this, timer, done = std::move(done)](absl::StatusOr<TokenRefreshReply> reply) mutable {
        // No effect if the timer has already fired.
        (void)timers_.Cancel(*timer);
        std::move(done)(std::move(reply));
      });
  // Both before joining: after that the shared call may complete at any time, and the context may
  // end with it.
  context.OnCancel([&shared_refreshes = shared_refreshes_, waiter] {
    shared_refreshes.Leave(*waiter, absl::CancelledError("the caller has gone"));
  });
  const CallContext::TimePoint deadline = context.deadline();
  *timer = timers_.Schedule(deadline, [&shared_refreshes = shared_refreshes_, waiter,
                                       is_callers = context.deadline_is_callers()] {
    shared_refreshes.Leave(*waiter, TimeoutFailure(is_callers).ToStatus());
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
