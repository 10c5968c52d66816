// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/raw_call.h"

#include <grpc/support/time.h>

#include "server/rpc/call_deadline.h"
#include "server/rpc/caller_trace.h"
#include "server/rpc/grpc_status.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// ServerContext::deadline() counts nanoseconds in 64 bits, so that a deadline after the year 2262
// becomes one in the past. gRPC for Go sends such a deadline for the longest possible timeout.
absl::Time CallersDeadline(const grpc::ServerContext& context) {
  const gpr_timespec deadline = gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_REALTIME);
  return absl::FromUnixSeconds(deadline.tv_sec) + absl::Nanoseconds(deadline.tv_nsec);
}

}  // namespace

RawCall::RawCall(const CallEnvironment& environment)
    : environment_(environment),
      received_tag_([this](bool ok) { Received(ok); }),
      done_tag_([this](bool /*ok*/) { Done(); }),
      finished_tag_([this](bool /*ok*/) { Finished(); }) {}

void RawCall::Start() {
  grpc_context_.emplace();
  responder_.emplace();
  participant_ = absl::string_view();
  results_ = &metrics().WithoutParticipant();
  admitted_ = done_ = finished_ = false;
  grpc_context_->AsyncNotifyWhenDone(&done_tag_);
  Listen(*grpc_context_, request_bytes_, *responder_, received_tag_);
}

void RawCall::Received(bool ok) {
  // The server is shutting down. No call has arrived, so gRPC will not return the other tags.
  if (!ok) return Recycle();
  if (environment_.thread.open()) ListenForNext();

  metrics().method().started().Increment();
  begin_ = environment_.clock.Steady();
  const absl::Time now = environment_.clock.Now();
  const CallDeadline deadline =
      DecideDeadline(CallersDeadline(*grpc_context_), now, begin_, environment_.deadlines);
  context_.emplace(deadline.time, deadline.is_callers);
  context_->set_trace_id(TraceIdOf(*grpc_context_));

  const absl::Status admission = Admit(now);
  admitted_ = admission.ok();
  if (!admitted_) {
    request_bytes_.Clear();
    return FinishWithError(admission);
  }
  const absl::Status parsed = Parse(request_bytes_);
  request_bytes_.Clear();
  if (!parsed.ok()) return FinishWithError(parsed);
  Handle();
}

absl::Status RawCall::Admit(absl::Time now) {
  caller_ = environment_.callers.CallerOf(*grpc_context_);
  absl::Status allowed = CheckCaller(*caller_, now);
  if (!allowed.ok()) return allowed;
  return environment_.admission.Enter(caller_->share, caller_->entry->max_share);
}

void RawCall::Done() {
  done_ = true;
  if (grpc_context_->IsCancelled()) context_->Cancel();
  RecycleWhenOver();
}

void RawCall::Finished() {
  finished_ = true;
  if (admitted_) environment_.admission.Leave(caller_->share);
  RecycleWhenOver();
}

void RawCall::RecycleWhenOver() {
  if (!done_ || !finished_) return;
  responder_.reset();
  context_.reset();
  caller_.reset();
  grpc_context_.reset();
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
  responder_->FinishWithError(error, ArenaOfAnswer(), finished_tag_);
}

void RawCall::FinishWithResponse(const grpc::ByteBuffer& response, const CallResult& result,
                                 absl::string_view outcome) {
  Report(result, outcome, context_->trace().detail);
  responder_->Finish(response, ArenaOfAnswer(), finished_tag_);
}

CallArena& RawCall::ArenaOfAnswer() {
  // The layers below have destroyed what they kept there.
  context_->arena().Reset();
  return context_->arena();
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
