#include "server/operator/resilience/throttling_token_api.h"

#include <utility>

#include "server/operator/failure_kind.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Callers that were told the same do not all come back at the same moment: between half of this
// and one and a half.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

absl::Status CallsSuspended(double draw) {
  return WithFailureKind(
      MakeRetryableError(identity::v1::OPERATOR_CALLS_SUSPENDED,
                         "the operator fails most calls, so that only a few are still sent to it, "
                         "and this one was not; try again later: all are sent again as soon as "
                         "those few succeed",
                         kRetryAfter * (0.5 + draw)),
      FailureKind::kSuspended);
}

}  // namespace

ThrottlingTokenApi::ThrottlingTokenApi(std::unique_ptr<TokenApi> next, Throttle& throttle,
                                       const Clock& clock, absl::Duration attempt_timeout,
                                       std::function<double()> draw)
    : next_(std::move(next)),
      throttle_(throttle),
      clock_(clock),
      attempt_timeout_(attempt_timeout),
      draw_(std::move(draw)) {}

void ThrottlingTokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                                  Callback<TokenGenerateReply> done) {
  Throttled<TokenGenerateReply>(context, std::move(done),
                                [&](Callback<TokenGenerateReply> reported) {
                                  next_->Generate(std::move(request), context, std::move(reported));
                                });
}

void ThrottlingTokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                                 Callback<TokenRefreshReply> done) {
  Throttled<TokenRefreshReply>(context, std::move(done), [&](Callback<TokenRefreshReply> reported) {
    next_->Refresh(std::move(request), context, std::move(reported));
  });
}

template <typename Reply, typename Attempt>
void ThrottlingTokenApi::Throttled(const CallContext& context, Callback<Reply> done,
                                   Attempt attempt) {
  const CallContext::TimePoint begun = clock_.Steady();
  const absl::optional<Throttle::Ticket> ticket = throttle_.Admit(begun, draw_());
  if (!ticket.has_value()) return std::move(done)(CallsSuspended(draw_()));
  attempt([this, ticket = *ticket, begun, &context,
           done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
    Report(ticket, reply.status(), context, begun);
    std::move(done)(std::move(reply));
  });
}

void ThrottlingTokenApi::Report(const Throttle::Ticket& ticket, const absl::Status& status,
                                const CallContext& context, CallContext::TimePoint begun) {
  const CallContext::TimePoint now = clock_.Steady();
  switch (JudgeAttempt(status, context, begun, now, attempt_timeout_)) {
    case AttemptOutcome::kAnswered:
      return throttle_.Succeeded(ticket, now);
    case AttemptOutcome::kTooManyRequests:
    case AttemptOutcome::kFailed:
    case AttemptOutcome::kCertificateFault:
      return throttle_.Failed(ticket, now);
    case AttemptOutcome::kUndecided:
      return throttle_.Withdraw(ticket, now);
  }
}

}  // namespace uid2
