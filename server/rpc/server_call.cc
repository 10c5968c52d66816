// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/server_call.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>

#include <cstdlib>
#include <string>
#include <utility>

namespace uid2 {
namespace {

// doc/PROTOCOL-HTTP2.md of gRPC: Status-Details.
constexpr char kDetailsKey[] = "grpc-status-details-bin";

// gRPC refuses what breaks its rules, which is a fault of this program.
void Require(bool ok) {
  if (!ok) std::abort();
}

grpc_op SendHeaders() {
  grpc_op operation = {};
  operation.op = GRPC_OP_SEND_INITIAL_METADATA;
  return operation;
}

// All must live until the operation is started. `message` may be null.
grpc_op SendStatus(grpc_status_code code, absl::Span<grpc_metadata> trailers, grpc_slice* message) {
  grpc_op operation = {};
  operation.op = GRPC_OP_SEND_STATUS_FROM_SERVER;
  operation.data.send_status_from_server.status = code;
  operation.data.send_status_from_server.status_details = message;
  operation.data.send_status_from_server.trailing_metadata_count = trailers.size();
  operation.data.send_status_from_server.trailing_metadata = trailers.data();
  return operation;
}

grpc_slice SliceOf(const std::string& text) {
  return grpc_slice_from_copied_buffer(text.data(), text.size());
}

// Copies only a message that arrived in several pieces.
grpc::Slice SingleSlice(grpc_byte_buffer* message) {
  grpc_byte_buffer_reader reader;
  Require(grpc_byte_buffer_reader_init(&reader, message) == 1);
  grpc_slice bytes;
  if (grpc_byte_buffer_length(message) == 0) {
    bytes = grpc_empty_slice();
  } else if (message->data.raw.slice_buffer.count == 1) {
    Require(grpc_byte_buffer_reader_next(&reader, &bytes) == 1);
  } else {
    bytes = grpc_byte_buffer_reader_readall(&reader);
  }
  grpc_byte_buffer_reader_destroy(&reader);
  return grpc::Slice(bytes, grpc::Slice::STEAL_REF);
}

}  // namespace

ServerCall::ServerCall(Listener& listener) : listener_(listener) {
  over_ = {{&Over, /*inlineable=*/1, 0, nullptr}, this};
  answered_ = {{&Answered, /*inlineable=*/1, 0, nullptr}, this};
  grpc_metadata_array_init(&metadata_);
}

ServerCall::~ServerCall() {
  Reset();
  grpc_metadata_array_destroy(&metadata_);
}

void ServerCall::Request(const UnaryService::Method& method, CompletionThread& thread,
                         CompletionTag& received) {
  Require(grpc_server_request_registered_call(
              method.server(), method.handle(), &call_, &deadline_, &metadata_, &request_,
              thread.calls(), thread.queue().cq(), received.core_tag()) == GRPC_CALL_OK);
}

grpc::Slice ServerCall::TakeRequest() {
  grpc::Slice bytes = SingleSlice(request_);
  grpc_byte_buffer_destroy(std::exchange(request_, nullptr));
  return bytes;
}

void ServerCall::ForgetMetadata() {
  grpc_metadata_array_destroy(&metadata_);
  grpc_metadata_array_init(&metadata_);
}

void ServerCall::Watch() {
  watched_ = true;
  grpc_op operation = {};
  operation.op = GRPC_OP_RECV_CLOSE_ON_SERVER;
  operation.data.recv_close_on_server.cancelled = &cancelled_;
  Start({&operation, 1}, over_);
}

void ServerCall::Answer(const grpc::Slice& response) {
  grpc_slice bytes = response.c_slice();
  grpc_byte_buffer* const message = grpc_raw_byte_buffer_create(&bytes, 1);
  grpc_slice_unref(bytes);
  grpc_op send = {};
  send.op = GRPC_OP_SEND_MESSAGE;
  send.data.send_message.send_message = message;
  const grpc_op operations[] = {SendHeaders(), send, SendStatus(GRPC_STATUS_OK, {}, nullptr)};
  Start(operations, answered_);
  // gRPC has taken the bytes out of it.
  grpc_byte_buffer_destroy(message);
}

void ServerCall::Fail(const grpc::Status& error) {
  grpc_slice message = SliceOf(error.error_message());
  grpc_metadata details = {};
  details.key = grpc_slice_from_static_string(kDetailsKey);
  details.value = SliceOf(error.error_details());
  const absl::Span<grpc_metadata> trailers(&details, error.error_details().empty() ? 0 : 1);
  const grpc_op operations[] = {
      SendHeaders(), SendStatus(static_cast<grpc_status_code>(error.error_code()), trailers,
                                error.error_message().empty() ? nullptr : &message)};
  Start(operations, answered_);
  grpc_slice_unref(details.value);
  grpc_slice_unref(message);
}

void ServerCall::Start(absl::Span<const grpc_op> operations, Completion& completion) {
  Require(grpc_call_start_batch(call_, operations.data(), operations.size(), &completion,
                                /*reserved=*/nullptr) == GRPC_CALL_OK);
}

void ServerCall::Over(grpc_completion_queue_functor* completion, int /*ok*/) {
  ServerCall& call = *static_cast<Completion*>(completion)->call;
  call.listener_.OnOver(call.cancelled_ != 0);
}

void ServerCall::Answered(grpc_completion_queue_functor* completion, int /*ok*/) {
  static_cast<Completion*>(completion)->call->listener_.OnAnswered();
}

void ServerCall::Reset() {
  if (call_ == nullptr) return;
  if (!watched_) {
    (void)grpc_call_cancel_with_status(call_, GRPC_STATUS_INTERNAL, "the request cannot be read",
                                       /*reserved=*/nullptr);
  }
  if (request_ != nullptr) grpc_byte_buffer_destroy(std::exchange(request_, nullptr));
  ForgetMetadata();
  cancelled_ = 0;
  watched_ = false;
  grpc_call_unref(std::exchange(call_, nullptr));
}

}  // namespace uid2
