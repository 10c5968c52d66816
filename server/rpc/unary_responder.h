// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_UNARY_RESPONDER_H_
#define SERVER_RPC_UNARY_RESPONDER_H_

#include <grpcpp/impl/call.h>
#include <grpcpp/impl/call_op_set.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include "server/call/call_arena.h"
#include "server/rpc/completion_thread.h"

namespace uid2 {

// Answers one unary call, as grpc::ServerAsyncResponseWriter does. The latter has room for the
// operations that end a call from the moment the call is requested, which is a kilobyte for each
// call that waits for the operator. This one makes them when the call is answered.
// docs/decisions/0043-memory-of-a-call.md says why that is worth the use of gRPC's internal types.
class UnaryResponder final : public grpc::internal::ServerAsyncStreamingInterface {
 public:
  UnaryResponder() = default;
  UnaryResponder(const UnaryResponder&) = delete;
  UnaryResponder& operator=(const UnaryResponder&) = delete;

  // Call exactly one of these, once, when gRPC has delivered the call. The completion queue returns
  // `tag` once gRPC no longer needs this object and `arena`, in which the operations are made.
  void Finish(const grpc::ByteBuffer& response, CallArena& arena, CompletionTag& tag);
  void FinishWithError(const grpc::Status& error, CallArena& arena, CompletionTag& tag);

 private:
  using Operations = grpc::internal::CallOpSet<grpc::internal::CallOpSendInitialMetadata,
                                               grpc::internal::CallOpSendMessage,
                                               grpc::internal::CallOpServerSendStatus>;

  void MakeOperations(CallArena& arena, CompletionTag& tag);

  // Not used: initial metadata is sent with the response.
  void SendInitialMetadata(void* tag) override;
  void BindCall(grpc::internal::Call* call) override { call_ = *call; }

  grpc::internal::Call call_;
  CallArena::Ptr<Operations> operations_;
};

}  // namespace uid2

#endif  // SERVER_RPC_UNARY_RESPONDER_H_
