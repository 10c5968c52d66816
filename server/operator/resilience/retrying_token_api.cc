#include "server/operator/resilience/retrying_token_api.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/operator/failure_kind.h"
#include "server/operator/resilience/address_choice.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "server/operator/time_left.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Whether an error is one that the number of attempts has to do with.
bool IsWorthANote(const absl::Status& status) {
  const Reason reason = ReasonOf(status);
  return reason == identity::v1::ERROR_REASON_UNSPECIFIED ? absl::IsDeadlineExceeded(status)
                                                          : IsOperatorSide(reason);
}

}  // namespace

// One call from its first attempt to its answer. Its attempts follow one another, so only Wait()
// and what ends it can meet.
template <typename Request, typename Reply>
class RetryingTokenApi::Call : public std::enable_shared_from_this<Call<Request, Reply>> {
 public:
  using Method = void (TokenApi::*)(Request, CallContext&, Callback<Reply>);

  Call(const RetryingTokenApi& api, Method method, Request request, CallContext& context,
       Callback<Reply> done)
      : api_(api),
        method_(method),
        request_(std::move(request)),
        context_(context),
        done_(std::move(done)),
        choice_(api.rests_) {}

  // Makes an attempt, or answers with the last failure where all addresses hold calls back.
  void Attempt() {
    begun_ = now();
    const absl::optional<AddressChoice::Pick> pick = choice_.Take(begun_);
    if (!pick.has_value()) return HeldBack();
    pick_ = *pick;
    TokenApi& token_api = *api_.token_apis_[pick_.index];
    (token_api.*method_)(request_, context_,
                         [call = this->shared_from_this()](absl::StatusOr<Reply> reply) {
                           call->Attempted(std::move(reply));
                         });
  }

 private:
  CallContext::TimePoint now() const { return api_.environment_.clock.Steady(); }
  double draw() const { return api_.environment_.draw(); }

  void Attempted(absl::StatusOr<Reply> reply) {
    const CallContext::TimePoint ended = now();
    if (pick_.ticket.has_value()) {
      api_.rests_[pick_.index]->Report(
          *pick_.ticket,
          JudgeAttempt(reply.status(), context_, begun_, ended, api_.attempt_timeout_), ended,
          draw());
    }
    if (reply.ok()) {
      api_.environment_.budget.Earn();
      return Answer(std::move(reply));
    }
    const absl::Status& failure = reply.status();
    if (context_.cancelled()) return Answer(failure);
    failed_.last = FailureKindOf(failure);
    if (failed_.last == FailureKind::kSuspended) {
      if (failed_.count == 0) last_failure_ = failure;
      choice_.HeldBack();
      return Attempt();
    }
    ++failed_.count;
    failed_.server_errors += failed_.last == FailureKind::kServerError;
    failed_.refused_stamps += failed_.last == FailureKind::kStampRefused;
    choice_.Failed(failed_.last, RetryAfterOf(failure), ended);
    failed_.retry_after = choice_.retry_after(ended);
    TryAgain(failure, ended);
  }

  void TryAgain(const absl::Status& failure, CallContext::TimePoint at) {
    const RetryStep step =
        NextStep(absl::FromChrono(context_.deadline() - at), choice_.elsewhere());
    if (!step.again) return Answer(Noted(failure, step.why));
    if (!api_.environment_.budget.Spend()) {
      return Answer(Noted(failure, "too many calls are being tried again already"));
    }
    ++api_.environment_.counts.retries;
    last_failure_ = failure;
    if (step.wait == absl::ZeroDuration()) return Attempt();
    Wait(at + absl::ToChronoNanoseconds(step.wait));
  }

  void Wait(CallContext::TimePoint until) {
    Timers& timers = api_.environment_.timers;
    waiting_ = true;
    timer_ = 0;
    // Before the timer: once that has rung, the hook is the attempt's.
    context_.OnCancel([call = this->shared_from_this(), &timers] {
      if (!call->waiting_.exchange(false)) return;
      (void)timers.Cancel(call->timer_);
      call->Answer(absl::CancelledError("the caller has gone"));
    });
    const Timers::Id timer = timers.Schedule(until, [call = this->shared_from_this()] {
      if (call->waiting_.exchange(false)) call->Attempt();
    });
    timer_ = timer;
    // The caller may have gone before the hook could know the timer.
    if (!waiting_) (void)timers.Cancel(timer);
  }

  absl::Status Noted(const absl::Status& failure, absl::string_view why) const {
    if (!IsWorthANote(failure)) return failure;
    return WithNote(
        failure,
        absl::StrCat(failed_.count, failed_.count == 1 ? " attempt" : " attempts", "; ", why));
  }

  RetryStep NextStep(absl::Duration time_left, bool elsewhere) const {
    return DecideRetry(api_.options_, failed_, time_left, elsewhere, draw());
  }

  // All addresses hold calls back.
  void HeldBack() {
    if (failed_.count > 0)
      return Answer(Noted(last_failure_, NextStep(absl::ZeroDuration(), false).why));
    ++api_.environment_.counts.suspended;
    Answer(last_failure_);
  }

  void Answer(absl::StatusOr<Reply> reply) {
    // Let go of at once: it may hold what holds the context, whose hook holds this.
    Callback<Reply> done = std::move(done_);
    // The context, and with it whoever holds this call, may end with that.
    std::move(done)(std::move(reply));
  }

  const RetryingTokenApi& api_;
  const Method method_;
  const Request request_;
  CallContext& context_;
  Callback<Reply> done_;
  AddressChoice choice_;
  AddressChoice::Pick pick_;
  CallContext::TimePoint begun_;
  FailedAttempts failed_;
  // What is answered where no attempt can be made.
  absl::Status last_failure_;
  std::atomic<bool> waiting_ = false;
  std::atomic<Timers::Id> timer_ = 0;
};

RetryingTokenApi::RetryingTokenApi(std::vector<Address> addresses, const RetryOptions& options,
                                   absl::Duration attempt_timeout, Environment environment)
    : options_(options), attempt_timeout_(attempt_timeout), environment_(std::move(environment)) {
  for (Address& address : addresses) {
    token_apis_.push_back(std::move(address.token_api));
    rests_.push_back(&address.rest);
  }
}

void RetryingTokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                                Callback<TokenGenerateReply> done) {
  const absl::Status time_left =
      CheckTimeLeft(context, environment_.clock.Steady(), options_.least_time);
  if (!time_left.ok()) return std::move(done)(time_left);
  std::make_shared<Call<TokenGenerateRequest, TokenGenerateReply>>(
      *this, &TokenApi::Generate, std::move(request), context, std::move(done))
      ->Attempt();
}

void RetryingTokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                               Callback<TokenRefreshReply> done) {
  const absl::Status time_left =
      CheckTimeLeft(context, environment_.clock.Steady(), options_.least_time);
  if (!time_left.ok()) return std::move(done)(time_left);
  std::make_shared<Call<TokenRefreshRequest, TokenRefreshReply>>(
      *this, &TokenApi::Refresh, std::move(request), context, std::move(done))
      ->Attempt();
}

}  // namespace uid2
