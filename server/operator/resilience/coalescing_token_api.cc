// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/coalescing_token_api.h"

#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/trace_id.h"
#include "server/operator/time_left.h"

namespace uid2 {
namespace {

// The events that end a caller's wait early. This object and the waiter own each other until the
// waiter is answered.
struct Wait {
  Timers::Id timer = 0;
  absl::optional<CancelCallback> on_cancel;
};

}  // namespace

void CoalescingTokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                                  Callback<TokenGenerateReply> done) {
  next_->Generate(std::move(request), context, std::move(done));
}

void CoalescingTokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                                 Callback<TokenRefreshReply> done) {
  // Checked here because a shared call may have the later deadline of another caller.
  const absl::Status time_left = CheckTimeLeft(context, clock_.Steady(), min_time_left_);
  if (!time_left.ok()) return std::move(done)(time_left);

  auto wait = std::make_shared<Wait>();
  auto waiter = std::make_shared<SharedRefreshes::Waiter>(
      context,
      [this, wait, done = std::move(done)](absl::StatusOr<TokenRefreshReply> reply) mutable {
        // No effect if the timer has already fired.
        (void)timers_.Cancel(wait->timer);
        wait->on_cancel.reset();
        std::move(done)(std::move(reply));
      });
  // Both are set before joining, because after that the shared call may complete at any time, which
  // may destroy the context. The waiter remembers if it leaves before it has joined.
  wait->on_cancel.emplace(context, [&shared_refreshes = shared_refreshes_, waiter] {
    shared_refreshes.Leave(*waiter, absl::CancelledError("the caller has gone"));
  });
  const CallContext::TimePoint deadline = context.deadline();
  const TraceId trace_id = context.trace_id();
  wait->timer = timers_.Schedule(deadline, [&shared_refreshes = shared_refreshes_, waiter,
                                            is_callers = context.deadline_is_callers()] {
    shared_refreshes.Leave(*waiter, TimeoutFailure(is_callers).ToStatus());
  });

  const std::shared_ptr<SharedRefreshes::SharedCall> shared_call =
      shared_refreshes_.Join(request, deadline, waiter);
  if (shared_call == nullptr) return;
  shared_call->context.set_trace_id(trace_id);
  next_->Refresh(std::move(request), shared_call->context,
                 [&shared_refreshes = shared_refreshes_,
                  shared_call](const absl::StatusOr<TokenRefreshReply>& reply) {
                   shared_refreshes.Complete(*shared_call, reply);
                 });
}

}  // namespace uid2
