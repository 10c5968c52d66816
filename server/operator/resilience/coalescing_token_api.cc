// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/coalescing_token_api.h"

#include <memory>
#include <utility>

#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/trace_id.h"
#include "server/operator/time_left.h"

namespace uid2 {
namespace {

// A refresh that waits for a shared call, and the events that end its wait early, which own it.
class Wait : public SharedRefreshes::Waiter, public std::enable_shared_from_this<Wait> {
 public:
  Wait(SharedRefreshes& shared_refreshes, Timers& timers, CallContext& waiting,
       TokenApi::Callback<TokenRefreshReply> answer)
      : Waiter(waiting,
               [this](absl::StatusOr<TokenRefreshReply>&& reply) { End(std::move(reply)); }),
        shared_refreshes_(shared_refreshes),
        timers_(timers),
        deadline_is_callers_(waiting.deadline_is_callers()),
        answer_(std::move(answer)) {}

  // Call this before joining, because after that the shared call may complete at any time, which
  // may destroy the context. The waiter remembers if it leaves before it has joined.
  void EndAt(CallContext::TimePoint deadline) {
    on_cancel_.emplace(context, [wait = shared_from_this()] {
      wait->Leave(absl::CancelledError("the caller has gone"));
    });
    timer_ = timers_.Schedule(deadline, [wait = shared_from_this()] {
      wait->Leave(TimeoutFailure(wait->deadline_is_callers_).ToStatus());
    });
  }

 private:
  void Leave(const absl::Status& why) { shared_refreshes_.Leave(*this, why); }

  void End(absl::StatusOr<TokenRefreshReply>&& reply) {
    const std::shared_ptr<Wait> self = shared_from_this();
    // No effect if the timer has already fired.
    (void)timers_.Cancel(timer_);
    on_cancel_.reset();
    std::move(answer_)(std::move(reply));
  }

  SharedRefreshes& shared_refreshes_;
  Timers& timers_;
  const bool deadline_is_callers_;
  TokenApi::Callback<TokenRefreshReply> answer_;
  Timers::Id timer_ = 0;
  absl::optional<CancelCallback> on_cancel_;
};

}  // namespace

void CoalescingTokenApi::Generate(TokenGenerateRequest&& request, CallContext& context,
                                  Callback<TokenGenerateReply> done) {
  next_->Generate(std::move(request), context, std::move(done));
}

void CoalescingTokenApi::Refresh(TokenRefreshRequest&& request, CallContext& context,
                                 Callback<TokenRefreshReply> done) {
  // Checked here because a shared call may have the later deadline of another caller.
  const absl::Status time_left = CheckTimeLeft(context, clock_.Steady(), min_time_left_);
  if (!time_left.ok()) return std::move(done)(time_left);

  const CallContext::TimePoint deadline = context.deadline();
  const TraceId trace_id = context.trace_id();
  auto wait = std::make_shared<Wait>(shared_refreshes_, timers_, context, std::move(done));
  wait->EndAt(deadline);
  const std::shared_ptr<SharedRefreshes::SharedCall> shared_call =
      shared_refreshes_.Join(request, deadline, std::move(wait));
  if (shared_call == nullptr) return;
  shared_call->context.set_trace_id(trace_id);
  next_->Refresh(std::move(request), shared_call->context,
                 [&shared_refreshes = shared_refreshes_,
                  shared_call](absl::StatusOr<TokenRefreshReply>&& reply) {
                   shared_refreshes.Complete(*shared_call, std::move(reply));
                 });
}

}  // namespace uid2
