// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/throttling_attempt_api.h"

#include <utility>

#include "server/status/reason.h"

namespace uid2 {
namespace {

// Callers are told to wait for 50 to 150 percent of this time, chosen at random, so that they do
// not all retry at once.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// An attempt that was sent.
template <typename Reply>
struct Sent {
  Throttle& throttle;
  Throttle::Permit permit;
  CallContext::TimePoint begun;
  CallContext& context;
  AttemptApi::Callback<Reply> done;
};

AttemptFailure CallsSuspended(double random_fraction) {
  return {.kind = FailureKind::kSuspended,
          .reason = identity::v1::OPERATOR_CALLS_SUSPENDED,
          .message =
              "the operator fails most calls, so only a few are sent to it until those "
              "succeed, and this one was not; try again later",
          .retry_after = kRetryAfter * (0.5 + random_fraction)};
}

}  // namespace

ThrottlingAttemptApi::ThrottlingAttemptApi(std::unique_ptr<AttemptApi> next, Throttle& generate,
                                           Throttle& refresh, ReplyTimes& reply_times,
                                           const Clock& clock,
                                           std::function<double()> random_fraction)
    : next_(std::move(next)),
      generate_(generate),
      refresh_(refresh),
      reply_times_(reply_times),
      clock_(clock),
      random_fraction_(std::move(random_fraction)) {}

void ThrottlingAttemptApi::Send(const TokenGenerateRequest& request,
                                const OperatorCredentialsPtr& credentials, CallContext& context,
                                Callback<TokenGenerateReply> done) {
  SendIfPermitted(generate_, request, credentials, context, std::move(done));
}

void ThrottlingAttemptApi::Send(const TokenRefreshRequest& request,
                                const OperatorCredentialsPtr& credentials, CallContext& context,
                                Callback<TokenRefreshReply> done) {
  SendIfPermitted(refresh_, request, credentials, context, std::move(done));
}

template <typename Request>
void ThrottlingAttemptApi::SendIfPermitted(Throttle& throttle, const Request& request,
                                           const OperatorCredentialsPtr& credentials,
                                           CallContext& context,
                                           Callback<typename Request::Reply> done) {
  using Reply = typename Request::Reply;
  const CallContext::TimePoint begun = clock_.Steady();
  const absl::optional<Throttle::Permit> permit = throttle.Admit(begun, random_fraction_());
  if (!permit.has_value()) return std::move(done)(CallsSuspended(random_fraction_()));
  auto sent = context.arena().Make<Sent<Reply>>(throttle, *permit, begun, context, std::move(done));
  next_->Send(request, credentials, context,
              [this, sent = std::move(sent)](AttemptResult<Reply>&& result) mutable {
                const CallContext::TimePoint now = clock_.Steady();
                Report(sent->throttle, sent->permit,
                       JudgeAttempt(result, sent->context, sent->begun, now, reply_times_),
                       sent->begun, now);
                Callback<Reply> ended = std::move(sent->done);
                sent.reset();
                std::move(ended)(std::move(result));
              });
}

void ThrottlingAttemptApi::Report(Throttle& throttle, const Throttle::Permit& permit,
                                  const AttemptVerdict& verdict, CallContext::TimePoint begun,
                                  CallContext::TimePoint now) {
  switch (verdict.outcome) {
    case AttemptOutcome::kAnswered:
      reply_times_.Add(absl::FromChrono(now - begun), now);
      return throttle.Succeeded(permit, now);
    case AttemptOutcome::kTooManyRequests:
    case AttemptOutcome::kFailed:
    case AttemptOutcome::kCertificateFault:
      return throttle.Failed(permit, now, verdict.weight);
    case AttemptOutcome::kUndecided:
      return throttle.Release(permit, now);
  }
}

}  // namespace uid2
