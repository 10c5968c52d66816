// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_SERVER_CALL_H_
#define SERVER_RPC_SERVER_CALL_H_

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <grpcpp/support/status.h>

#include "absl/types/span.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/unary_service.h"

namespace uid2 {

// One unary call as gRPC delivers it, through gRPC's C API (grpc/grpc.h) and not through
// grpc::ServerContext: docs/decisions/0045-calls-over-the-c-api.md says why. Can be used again and
// again.
//
// Requested and received on the completion queue's thread; answered, and told how it has ended, on
// any thread.
class ServerCall final {
 public:
  // Learns how a received call ends. Each function is called once, on any thread, in any order,
  // perhaps inside Answer() or Fail(). gRPC does not use the call any more after both.
  class Listener {
   public:
    // The caller has the answer, or waits for it no more (`cancelled`).
    virtual void OnOver(bool cancelled) = 0;
    // What the call was answered with has been sent, or dropped because nobody waits for it.
    virtual void OnAnswered() = 0;

   protected:
    ~Listener() = default;
  };

  // `listener` must outlive the call.
  explicit ServerCall(Listener& listener);
  ~ServerCall();

  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Requests the next call of a method from gRPC. The queue returns `received` when it has arrived,
  // or with false if the server shuts down first; then the functions below must not be used.
  void Request(const UnaryService::Method& method, CompletionThread& thread,
               CompletionTag& received);

  // The functions below are for a call that has arrived.

  // False if the request is too large or missing. The caller gets an error from gRPC if the call is
  // then Reset().
  bool has_request() const { return request_ != nullptr; }
  // The request's bytes: all of them, for one caller.
  grpc::Slice TakeRequest();

  // In the clock that gRPC has chosen; far in the future if the caller has set none.
  gpr_timespec deadline() const { return deadline_; }
  absl::Span<const grpc_metadata> metadata() const { return {metadata_.metadata, metadata_.count}; }
  // Frees its memory, which is a kilobyte or so.
  void ForgetMetadata();
  // For gRPC's functions that tell about the caller.
  grpc_call* get() const { return call_; }

  // Makes the listener be called when the call is over. Call this once.
  void Watch();

  // Ends the call. Call one of these once, after Watch(). The call may not exist any more after
  // that, because the listener has let go of it.
  void Answer(const grpc::Slice& response);
  void Fail(const grpc::Status& error);

  // Lets gRPC forget the call. If it was not watched, the caller gets an internal error.
  void Reset();

 private:
  // What gRPC runs when an operation completes.
  struct Completion : grpc_completion_queue_functor {
    ServerCall* call;
  };

  static void Over(grpc_completion_queue_functor* completion, int ok);
  static void Answered(grpc_completion_queue_functor* completion, int ok);

  void Start(absl::Span<const grpc_op> operations, Completion& completion);

  Listener& listener_;
  Completion over_;
  Completion answered_;
  grpc_call* call_ = nullptr;
  grpc_byte_buffer* request_ = nullptr;
  grpc_metadata_array metadata_;
  gpr_timespec deadline_;
  int cancelled_ = 0;
  bool watched_ = false;
};

}  // namespace uid2

#endif  // SERVER_RPC_SERVER_CALL_H_
