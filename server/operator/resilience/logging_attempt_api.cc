// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/logging_attempt_api.h"

#include <utility>

#include "absl/time/time.h"
#include "server/operator/failure_kind.h"

namespace uid2 {

LoggingAttemptApi::LoggingAttemptApi(std::unique_ptr<AttemptApi> next,
                                     absl::string_view participant, absl::string_view address,
                                     const Clock& clock, CallLog& log)
    : next_(std::move(next)),
      participant_(participant),
      address_(address),
      clock_(clock),
      log_(log) {}

void LoggingAttemptApi::Send(const TokenGenerateRequest& request,
                             const OperatorCredentialsPtr& credentials, CallContext& context,
                             Callback<TokenGenerateReply> done) {
  SendAndLog("generate", request, credentials, context, std::move(done));
}

void LoggingAttemptApi::Send(const TokenRefreshRequest& request,
                             const OperatorCredentialsPtr& credentials, CallContext& context,
                             Callback<TokenRefreshReply> done) {
  SendAndLog("refresh", request, credentials, context, std::move(done));
}

template <typename Request>
void LoggingAttemptApi::SendAndLog(absl::string_view endpoint, const Request& request,
                                   const OperatorCredentialsPtr& credentials, CallContext& context,
                                   Callback<typename Request::Reply> done) {
  next_->Send(request, credentials, context,
              [this, endpoint, &context, begun = clock_.Steady(),
               done = std::move(done)](AttemptResult<typename Request::Reply> result) mutable {
                Log(endpoint, FailureOf(result), context, begun);
                std::move(done)(std::move(result));
              });
}

void LoggingAttemptApi::Log(absl::string_view endpoint, const AttemptFailure* failure,
                            const CallContext& context, CallContext::TimePoint begun) const {
  const CallContext::TimePoint ended = clock_.Steady();
  AttemptRecord record;
  record.participant = participant_;
  record.address = address_;
  record.endpoint = endpoint;
  record.attempt = context.trace().attempts;
  if (failure != nullptr) {
    // A shared call is cancelled when the deadline of its last caller has passed: a timeout.
    record.cancelled = failure->kind == FailureKind::kCancelled && ended < context.deadline();
    const bool timed_out = failure->kind == FailureKind::kCancelled && !record.cancelled;
    record.failure = NameOf(timed_out ? FailureKind::kTimeout : failure->kind);
    record.detail = failure->message;
  }
  record.operator_status = context.trace().http_status;
  record.operator_address = context.trace().peer;
  record.trace_id = context.trace_id().text();
  record.duration = absl::FromChrono(ended - begun);
  log_.Record(record);
}

}  // namespace uid2
