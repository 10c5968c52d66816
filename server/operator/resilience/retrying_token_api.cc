// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/retrying_token_api.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/call/call_arena.h"
#include "server/operator/provocation.h"
#include "server/operator/resilience/address_picker.h"
#include "server/operator/resilience/attempt_labels.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "server/operator/time_left.h"
#include "server/status/reason.h"

namespace uid2 {

// One call, from its first attempt to its answer, with which it destroys itself. There is only one
// attempt at a time, so the only race is between the events that end a wait.
template <typename Request>
class RetryingTokenApi::Call {
 public:
  using Reply = typename Request::Reply;

  Call(const RetryingTokenApi& api, const Endpoint& endpoint, Request&& request,
       CallContext& context, Callback<Reply> done)
      : api_(api),
        endpoint_(endpoint),
        request_(std::move(request)),
        credentials_(api.environment_.credentials.Current()),
        context_(context),
        done_(std::move(done)),
        picker_(endpoint.ejections) {}

  // Makes an attempt, or answers with the last failure if calls to all addresses are suspended.
  void Attempt() {
    begun_ = now();
    const absl::optional<AddressPicker::PickResult> pick = picker_.Pick(begun_);
    if (!pick.has_value()) return AllSuspended();
    pick_ = *pick;
    LimitAttempt();
    api_.addresses_[pick_.index]->Send(
        request_, credentials_, context_,
        [this](AttemptResult<Reply>&& result) { Attempted(std::move(result)); });
  }

 private:
  struct Retry {
    RetryReason reason;
    // Null if it is free.
    RetryBudget* budget;
  };

  // What a call has only after a failed attempt. The others are many, and wait for the operator.
  struct Failures {
    FailedAttempts attempts;
    // Set from the decision to retry until the attempt has been made.
    absl::optional<Retry> retry;
    // The answer, if there is no further attempt.
    AttemptFailure last;
    // Set while the call waits.
    absl::optional<CancelCallback> on_cancel;
  };

  // The wait before a retry. Shared with the timer, which may outlive the call.
  struct Waiting {
    // Whoever sets kOver while it is kWaiting ends the wait; the others must not touch the call.
    enum class State { kArming, kWaiting, kOver };
    std::atomic<State> state = State::kArming;
    std::atomic<Timers::Id> timer = 0;
  };
  using WaitState = typename Waiting::State;

  CallContext::TimePoint now() const { return api_.environment_.clock.Steady(); }
  double random_fraction() const { return api_.environment_.random_fraction(); }

  void ReportAttempt(const AttemptFailure* failure, CallContext::TimePoint ended) {
    if (failure != nullptr && failure->kind == FailureKind::kSuspended) return;
    const int number = failures_ == nullptr ? 1 : failures_->attempts.count + 1;
    endpoint_.reporters[pick_.index].Ended(number, failure, context_, begun_, ended);
    if (failures_ == nullptr || !failures_->retry.has_value()) return;
    api_.environment_.metrics.retries(failures_->retry->reason).Increment();
    failures_->retry.reset();
  }

  // The retry that was decided will not be made.
  void GiveRetryBack() {
    absl::optional<Retry>& retry = failures_->retry;
    if (retry.has_value() && retry->budget != nullptr) retry->budget->Return();
    retry.reset();
  }

  void Count(const TokenGenerateReply& /*reply*/) const {}
  void Count(const TokenRefreshReply& reply) const {
    if (reply.outcome == TokenRefreshReply::Outcome::kReplyNotOpened) {
      api_.environment_.metrics.replies_not_opened.Increment();
    }
  }

  // Leaves time for an attempt at another address if this one may be silent.
  void LimitAttempt() {
    const bool suspect = pick_.lease.has_value() && pick_.lease->suspect();
    if (!suspect || !picker_.has_alternative()) {
      return context_.LimitStep(CallContext::TimePoint::max());
    }
    const absl::Duration half = absl::FromChrono(context_.deadline() - begun_) / 2;
    const absl::Duration limit = std::max(half, api_.environment_.reply_times.patience().full);
    context_.LimitStep(begun_ + absl::ToChronoNanoseconds(limit));
  }

  void Attempted(AttemptResult<Reply>&& result) {
    const CallContext::TimePoint ended = now();
    const AttemptFailure* const failure = FailureOf(result);
    ReportAttempt(failure, ended);
    if (pick_.lease.has_value()) {
      endpoint_.ejections[pick_.index]->Report(
          *pick_.lease,
          JudgeAttempt(result, context_, begun_, ended, api_.environment_.reply_times), ended,
          random_fraction());
    }
    if (failure == nullptr) {
      auto& reply = absl::get<Reply>(result);
      if (!MayBeProvoked(reply)) {
        api_.environment_.budget.Earn();
        api_.environment_.provoked_budget.Earn();
      }
      Count(reply);
      return Answer(std::move(reply));
    }
    context_.trace().detail = failure->message;
    if (context_.cancelled()) return Answer(failure->ToStatus());
    if (failures_ == nullptr) failures_ = context_.arena().template Make<Failures>();
    FailedAttempts& failed = failures_->attempts;
    failed.last = failure->kind;
    if (failed.last == FailureKind::kSuspended) {
      if (failed.count == 0) failures_->last = *failure;
      picker_.OnSuspended();
      return Attempt();
    }
    failures_->last = *failure;
    if (failed.last == FailureKind::kTimeout && context_.deadline_is_callers() &&
        ended >= context_.deadline()) {
      failures_->last = TimeoutFailure(/*callers_deadline_passed=*/true);
    }
    ++failed.count;
    const bool provoked = failed.last == FailureKind::kPossiblyProvokedError;
    if (failed.last == FailureKind::kServerError || provoked) ++failed.server_errors;
    if (failed.last == FailureKind::kTimestampRejected) ++failed.rejected_timestamps;
    if (failed.last == FailureKind::kCredentialsRejected) TakeNewerCredentials();
    picker_.OnFailure(failed.last, failure->retry_after, ended);
    failed.retry_after = picker_.retry_after(ended);
    RetryOrFail(ended, provoked ? api_.environment_.provoked_budget : api_.environment_.budget);
  }

  void TakeNewerCredentials() {
    ++failures_->attempts.rejected_credentials;
    OperatorCredentialsPtr current = api_.environment_.credentials.Current();
    failures_->attempts.has_newer_credentials = current != credentials_;
    credentials_ = std::move(current);
  }

  void RetryOrFail(CallContext::TimePoint at, RetryBudget& budget) {
    const RetryDecision decision =
        Decide(absl::FromChrono(context_.deadline() - at), picker_.can_fail_over());
    if (!decision.retry) return Fail(decision.why);
    // The budget protects a struggling operator. This retry is our own fault, and a rotation must
    // not fail the calls that are in flight.
    const FailureKind last = failures_->attempts.last;
    const bool free = last == FailureKind::kCredentialsRejected;
    if (!free && !budget.Spend()) return Fail("too many calls are being retried already");
    failures_->retry = Retry{RetryReasonOf(last), free ? nullptr : &budget};
    if (decision.wait == absl::ZeroDuration()) return Attempt();
    Wait(at + absl::ToChronoNanoseconds(decision.wait));
  }

  RetryDecision Decide(absl::Duration time_left, bool can_fail_over) const {
    return DecideRetry(api_.options_, failures_->attempts, time_left, can_fail_over,
                       random_fraction());
  }

  void Wait(CallContext::TimePoint until) {
    Timers& timers = api_.environment_.timers;
    const auto waiting = std::make_shared<Waiting>();
    // Set before the timer, because once the timer has fired, the next attempt may be in flight.
    failures_->on_cancel.emplace(context_, [this, waiting] {
      if (waiting->state.exchange(WaitState::kOver) != WaitState::kWaiting) return;
      (void)api_.environment_.timers.Cancel(waiting->timer);
      CallerHasGone();
    });
    WaitState state = WaitState::kArming;
    if (!waiting->state.compare_exchange_strong(state, WaitState::kWaiting)) return CallerHasGone();
    // From here on, the call may have ended.
    waiting->timer = timers.Schedule(until, [this, waiting] {
      if (waiting->state.exchange(WaitState::kOver) != WaitState::kWaiting) return;
      failures_->on_cancel.reset();
      Attempt();
    });
    // If the caller has gone, that may have been before it could see the timer.
    if (waiting->state == WaitState::kOver) (void)timers.Cancel(waiting->timer);
  }

  // While the call waits.
  void CallerHasGone() {
    GiveRetryBack();
    Answer(absl::CancelledError("the caller has gone"));
  }

  void AllSuspended() {
    GiveRetryBack();
    if (failures_->attempts.count > 0) return Fail(Decide(absl::ZeroDuration(), false).why);
    api_.environment_.metrics.calls_suspended.Increment();
    Answer(failures_->last.ToStatus());
  }

  // Answers with the last failure. `why` says why there is no further attempt; it is added to the
  // message unless the caller is at fault.
  void Fail(absl::string_view why) {
    AttemptFailure failure = std::move(failures_->last);
    const int count = failures_->attempts.count;
    if (failure.kind == FailureKind::kTimeout || IsOperatorSide(failure.reason)) {
      absl::StrAppend(&failure.message, " (", count, count == 1 ? " attempt" : " attempts", "; ",
                      why, ")");
    }
    Answer(failure.ToStatus());
  }

  void Answer(absl::StatusOr<Reply> reply) {
    Callback<Reply> done = std::move(done_);
    // Now, because `done` may destroy the context, and with it the memory of this call.
    std::destroy_at(this);
    std::move(done)(std::move(reply));
  }

  const RetryingTokenApi& api_;
  const Endpoint& endpoint_;
  const Request request_;
  OperatorCredentialsPtr credentials_;
  CallContext& context_;
  Callback<Reply> done_;
  AddressPicker picker_;
  AddressPicker::PickResult pick_;
  CallContext::TimePoint begun_;
  // Null until an attempt has failed.
  CallArena::Ptr<Failures> failures_;
};

RetryingTokenApi::RetryingTokenApi(std::vector<Address> addresses, const RetryOptions& options,
                                   Environment environment)
    : options_(options), environment_(std::move(environment)) {
  for (Address& address : addresses) {
    addresses_.push_back(std::move(address.attempts));
    generate_.ejections.push_back(&address.generate);
    generate_.reporters.emplace_back(environment_.participant, address.url, "generate",
                                     address.metrics.generate, environment_.log);
    refresh_.ejections.push_back(&address.refresh);
    refresh_.reporters.emplace_back(environment_.participant, address.url, "refresh",
                                    address.metrics.refresh, environment_.log);
  }
}

void RetryingTokenApi::Generate(TokenGenerateRequest&& request, CallContext& context,
                                Callback<TokenGenerateReply> done) {
  Start(generate_, std::move(request), context, std::move(done));
}

void RetryingTokenApi::Refresh(TokenRefreshRequest&& request, CallContext& context,
                               Callback<TokenRefreshReply> done) {
  Start(refresh_, std::move(request), context, std::move(done));
}

template <typename Request>
void RetryingTokenApi::Start(const Endpoint& endpoint, Request&& request, CallContext& context,
                             Callback<typename Request::Reply> done) {
  const absl::Status time_left =
      CheckTimeLeft(context, environment_.clock.Steady(), options_.min_time_left);
  if (!time_left.ok()) return std::move(done)(time_left);
  context.arena()
      .Make<Call<Request>>(*this, endpoint, std::forward<Request>(request), context,
                           std::move(done))
      .release()
      ->Attempt();
}

}  // namespace uid2
