// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/stream_call.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "server/call/trace_id.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_trace.h"
#include "server/rpc/grpc_status.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Returns whether `message` could be serialized to `bytes`.
bool Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) {
  bool own_buffer;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes,
                                                                                    &own_buffer)
      .ok();
}

}  // namespace

StreamCall::StreamCall(Owner& owner, const CallEnvironment& environment)
    : owner_(owner),
      environment_(environment),
      received_tag_([this](bool ok) { Received(ok); }),
      read_tag_([this](bool ok) { ReadDone(ok); }),
      write_tag_([this](bool ok) { WriteDone(ok); }),
      done_tag_([this](bool /*ok*/) { Done(); }),
      finished_tag_([this](bool /*ok*/) { Finished(); }) {}

void StreamCall::Start() {
  context_.emplace();
  stream_.emplace(&*context_);
  reading_ = writing_ = ending_ = done_ = finished_ = false;
  context_->AsyncNotifyWhenDone(&done_tag_);
  owner_.Request(*context_, *stream_, received_tag_);
}

void StreamCall::Received(bool ok) {
  // The server is shutting down. No call has arrived, so gRPC will not return the other tags.
  if (!ok) return owner_.Recycle(this);
  owner_.Arrived(*this);
}

absl::Status StreamCall::Begin(const StreamMethod& method) {
  method_ = &method;
  method.metrics.started().Increment();
  begin_ = environment_.clock.Steady();
  caller_ = environment_.callers.CallerOf(context_->c_call());
  return method.needs_allowed_caller ? CheckCaller(*caller_, environment_.clock.Now())
                                     : absl::OkStatus();
}

void StreamCall::Read() {
  if (ending_) return;
  reading_ = true;
  stream_->Read(&message_, &read_tag_);
}

void StreamCall::ReadDone(bool ok) {
  reading_ = false;
  if (!ending_) {
    if (ok) {
      handler_->Received(message_);
    } else {
      handler_->HalfClosed();
    }
  }
  message_.Clear();
  RecycleWhenOver();
}

void StreamCall::Write(const google::protobuf::Message& message) {
  if (ending_) return;
  grpc::ByteBuffer bytes;
  if (!Serialize(message, bytes)) return Finish(absl::InternalError("cannot serialize"));
  writing_ = true;
  stream_->Write(bytes, &write_tag_);
}

void StreamCall::WriteDone(bool ok) {
  writing_ = false;
  if (last_status_.has_value()) {
    stream_->Finish(*last_status_, &finished_tag_);
    last_status_.reset();
  } else if (!ok) {
    Finish(absl::CancelledError("the caller has gone"));
  } else if (!ending_) {
    handler_->Written();
  }
  RecycleWhenOver();
}

void StreamCall::Changed() {
  if (!ending_) handler_->Changed();
}

void StreamCall::Drain() {
  if (!ending_) handler_->Drain();
}

void StreamCall::Finish(const absl::Status& status) {
  FinishAndReport(ToGrpcStatus(status), ReasonOf(status), status.message());
}

void StreamCall::FinishWithProtocolStatus(const grpc::Status& status) {
  FinishAndReport(status, identity::v1::ERROR_REASON_UNSPECIFIED, status.error_message());
}

void StreamCall::FinishWithMessage(const google::protobuf::Message& message) {
  if (ending_) return;
  grpc::ByteBuffer bytes;
  if (!Serialize(message, bytes)) return Finish(absl::InternalError("cannot serialize"));
  ending_ = true;
  Report(absl::StatusCode::kOk, identity::v1::ERROR_REASON_UNSPECIFIED, "");
  stream_->WriteAndFinish(bytes, grpc::WriteOptions(), grpc::Status::OK, &finished_tag_);
}

void StreamCall::FinishAndReport(const grpc::Status& status, Reason reason,
                                 absl::string_view detail) {
  if (ending_) return;
  ending_ = true;
  Report(static_cast<absl::StatusCode>(status.error_code()), reason, detail);
  if (writing_) {
    last_status_ = status;
  } else {
    stream_->Finish(status, &finished_tag_);
  }
}

void StreamCall::Done() {
  done_ = true;
  if (context_->IsCancelled()) Finish(absl::CancelledError("the caller has gone"));
  RecycleWhenOver();
}

void StreamCall::Finished() {
  finished_ = true;
  RecycleWhenOver();
}

void StreamCall::RecycleWhenOver() {
  if (!done_ || !finished_ || reading_ || writing_) return;
  handler_.reset();
  caller_.reset();
  stream_.reset();
  context_.reset();
  owner_.Recycle(this);
}

void StreamCall::Report(absl::StatusCode code, Reason reason, absl::string_view detail) {
  const absl::Duration duration = absl::FromChrono(environment_.clock.Steady() - begin_);
  method_->metrics.Handled(code, duration);
  if (reason == identity::v1::ERROR_REASON_UNSPECIFIED || reason == identity::v1::DRAINING) return;
  const TraceId trace_id = TraceIdOf(*context_);
  CallRecord record;
  record.method = method_->name;
  record.code = code;
  record.reason = identity::v1::ErrorReason_Name(reason);
  record.caller = caller_->name();
  record.certificate_name = caller_->certificate_name;
  record.trace_id = trace_id.text();
  record.detail = detail;
  record.duration = duration;
  environment_.log.Record(record);
}

}  // namespace uid2
