// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/throttling_attempt_api.h"

#include <utility>

#include "server/operator/resilience/attempt_outcome.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Callers are told to wait for 50 to 150 percent of this time, chosen at random, so that they do
// not all retry at once.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

AttemptFailure CallsSuspended(double random_fraction) {
  return {.kind = FailureKind::kSuspended,
          .reason = identity::v1::OPERATOR_CALLS_SUSPENDED,
          .message =
              "the operator fails most calls, so only a few are sent to it until those "
              "succeed, and this one was not; try again later",
          .retry_after = kRetryAfter * (0.5 + random_fraction)};
}

}  // namespace

ThrottlingAttemptApi::ThrottlingAttemptApi(std::unique_ptr<AttemptApi> next, Throttle& throttle,
                                           ReplyTimes& reply_times, const Clock& clock,
                                           std::function<double()> random_fraction)
    : next_(std::move(next)),
      throttle_(throttle),
      reply_times_(reply_times),
      clock_(clock),
      random_fraction_(std::move(random_fraction)) {}

void ThrottlingAttemptApi::Send(const TokenGenerateRequest& request,
                                const OperatorCredentialsPtr& credentials, CallContext& context,
                                Callback<TokenGenerateReply> done) {
  SendIfPermitted(request, credentials, context, std::move(done));
}

void ThrottlingAttemptApi::Send(const TokenRefreshRequest& request,
                                const OperatorCredentialsPtr& credentials, CallContext& context,
                                Callback<TokenRefreshReply> done) {
  SendIfPermitted(request, credentials, context, std::move(done));
}

template <typename Request>
void ThrottlingAttemptApi::SendIfPermitted(const Request& request,
                                           const OperatorCredentialsPtr& credentials,
                                           CallContext& context,
                                           Callback<typename Request::Reply> done) {
  const CallContext::TimePoint begun = clock_.Steady();
  const absl::optional<Throttle::Permit> permit = throttle_.Admit(begun, random_fraction_());
  if (!permit.has_value()) return std::move(done)(CallsSuspended(random_fraction_()));
  next_->Send(request, credentials, context,
              [this, permit = *permit, begun, &context,
               done = std::move(done)](AttemptResult<typename Request::Reply> result) mutable {
                Report(permit, FailureOf(result), context, begun);
                std::move(done)(std::move(result));
              });
}

void ThrottlingAttemptApi::Report(const Throttle::Permit& permit, const AttemptFailure* failure,
                                  const CallContext& context, CallContext::TimePoint begun) {
  const CallContext::TimePoint now = clock_.Steady();
  const AttemptVerdict verdict =
      JudgeAttempt(failure, context, begun, now, reply_times_.patience());
  switch (verdict.outcome) {
    case AttemptOutcome::kAnswered:
      reply_times_.Add(absl::FromChrono(now - begun), now);
      return throttle_.Succeeded(permit, now);
    case AttemptOutcome::kTooManyRequests:
    case AttemptOutcome::kFailed:
    case AttemptOutcome::kCertificateFault:
      return throttle_.Failed(permit, now, verdict.weight);
    case AttemptOutcome::kUndecided:
      return throttle_.Release(permit, now);
  }
}

}  // namespace uid2
