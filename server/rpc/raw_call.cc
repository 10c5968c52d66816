// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/raw_call.h"

#include <grpc/support/time.h>

#include "server/rpc/call_deadline.h"
#include "server/rpc/caller_trace.h"
#include "server/rpc/grpc_status.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Also right after the year 2262, which gRPC for Go sends for the longest possible timeout, and
// which is past what nanoseconds in 64 bits can count.
absl::Time CivilTime(gpr_timespec deadline) {
  const gpr_timespec civil = gpr_convert_clock_type(deadline, GPR_CLOCK_REALTIME);
  return absl::FromUnixSeconds(civil.tv_sec) + absl::Nanoseconds(civil.tv_nsec);
}

}  // namespace

RawCall::RawCall(const CallEnvironment& environment)
    : environment_(environment), received_tag_([this](bool ok) { Received(ok); }), call_(*this) {}

void RawCall::Start() {
  participant_ = absl::string_view();
  results_ = &metrics().WithoutParticipant();
  admitted_ = false;
  Listen(call_, received_tag_);
}

void RawCall::Received(bool ok) {
  // The server is shutting down, and no call has arrived.
  if (!ok) return Recycle();
  if (environment_.thread.open()) ListenForNext();
  if (!call_.has_request()) {
    call_.Reset();
    return Recycle();
  }
  Process();
  LetGo();
}

void RawCall::Process() {
  users_.store(3, std::memory_order_relaxed);
  metrics().method().started().Increment();
  begin_ = environment_.clock.Steady();
  const absl::Time now = environment_.clock.Now();
  const CallDeadline deadline =
      DecideDeadline(CivilTime(call_.deadline()), now, begin_, environment_.deadlines);
  context_.emplace(deadline.time, deadline.is_callers);
  context_->set_trace_id(TraceIdOf(call_.metadata()));
  call_.ForgetMetadata();
  // From here on, another thread may cancel the context.
  call_.Watch();

  const grpc::Slice request = call_.TakeRequest();
  const absl::Status admission = Admit(now);
  admitted_ = admission.ok();
  if (!admitted_) return FinishWithError(admission);
  const absl::Status parsed = Parse(request);
  if (!parsed.ok()) return FinishWithError(parsed);
  Handle();
}

absl::Status RawCall::Admit(absl::Time now) {
  caller_ = environment_.callers.CallerOf(call_.get());
  absl::Status allowed = CheckCaller(*caller_, now);
  if (!allowed.ok()) return allowed;
  return environment_.admission.Enter(caller_->share, caller_->entry->max_share);
}

void RawCall::OnOver(bool cancelled) {
  if (cancelled) context_->Cancel();
  LetGo();
}

void RawCall::OnAnswered() {
  if (admitted_) environment_.admission.Leave(caller_->share);
  LetGo();
}

void RawCall::LetGo() {
  if (users_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  context_.reset();
  caller_.reset();
  call_.Reset();
  Recycle();
}

void RawCall::FinishWithError(const absl::Status& cause) {
  // gRPC has told the caller UNAVAILABLE; the log and the counters should not say that it has gone.
  const bool cut = absl::IsCancelled(cause) && environment_.admission.closed();
  const absl::Status status =
      cut ? MakeError(identity::v1::DRAINING, "the drain's time was over before the call was")
          : cause;
  const grpc::Status error = ToGrpcStatus(status);
  Report({static_cast<absl::StatusCode>(error.error_code()), ReasonOf(status), 0}, "",
         status.message());
  call_.Fail(error);
}

void RawCall::FinishWithResponse(const grpc::Slice& response, const CallResult& result,
                                 absl::string_view outcome) {
  Report(result, outcome, context_->trace().detail);
  call_.Answer(response);
}

void RawCall::Report(const CallResult& result, absl::string_view outcome,
                     absl::string_view detail) {
  const absl::Duration duration = absl::FromChrono(environment_.clock.Steady() - begin_);
  Count(result, duration);
  CallRecord record;
  record.method = method_name();
  record.code = result.code;
  if (result.reason != identity::v1::ERROR_REASON_UNSPECIFIED) {
    record.reason = identity::v1::ErrorReason_Name(result.reason);
  }
  record.outcome = outcome;
  record.caller = caller_->name();
  record.certificate_name = caller_->certificate_name;
  record.participant = participant_;
  record.attempts = context_->trace().attempts;
  record.operator_status = context_->trace().http_status;
  record.operator_address = context_->trace().peer;
  record.trace_id = context_->trace_id().text();
  record.detail = detail;
  record.duration = duration;
  environment_.log.Record(record);
}

void RawCall::Count(const CallResult& result, absl::Duration duration) const {
  metrics().method().Handled(result.code, duration);
  results_->Increment(result);
  const ResultCounters* const of_caller = metrics().OfCaller(caller_->number);
  if (of_caller != nullptr) of_caller->Increment(result);
}

}  // namespace uid2
