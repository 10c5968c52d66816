// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_RAW_CALL_H_
#define SERVER_RPC_RAW_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/call_deadline.h"
#include "server/rpc/completion_thread.h"
#include "server/status/reason.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// What calls need of the server around them. Everything outlives every call.
struct CallEnvironment {
  CompletionThread& thread;
  const Clock& clock;
  Admission& admission;
  CallLog& log;
  DeadlineOptions deadlines;
};

// The life of one unary call on a completion queue, without its message types: asked for,
// received, handled, finished, recycled. Raw bytes in, so that a request that is no protobuf is
// answered INVALID_ARGUMENT, where gRPC itself would say UNIMPLEMENTED.
//
// Runs on the queue's thread but for Finish...(), which may come from any.
class RawCall {
 public:
  using Responder = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;

  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;
  virtual ~RawCall() = default;

  // Asks gRPC for the next call.
  void Start();

  // Ends when the deadline passes, is cancelled when the caller has gone.
  CallContext& context() { return *context_; }

  // For the log: a configured name, which must live as long as the call.
  void set_participant(absl::string_view name) { participant_ = name; }

 protected:
  explicit RawCall(const CallEnvironment& environment);

  // Exactly one of these, once; the call must not be touched after that.
  void FinishWithError(const absl::Status& status);
  // `reason` is unspecified unless the outcome has one.
  void FinishWithResponse(const grpc::ByteBuffer& response, absl::string_view outcome,
                          Reason reason);

 private:
  virtual absl::string_view method_name() const = 0;
  virtual const MethodMetrics& metrics() const = 0;
  virtual void Listen(grpc::ServerContext& context, grpc::ByteBuffer& bytes, Responder& responder,
                      CompletionTag& tag) = 0;
  virtual void ListenForNext() = 0;
  virtual bool Parse(grpc::ByteBuffer& bytes) = 0;
  virtual void Handle() = 0;
  // Makes the object fit for the next call; may delete it.
  virtual void Recycle() = 0;

  void Received(bool ok);
  void Done();
  void Finished();
  void RecycleWhenOver();
  void Log(absl::StatusCode code, Reason reason, absl::string_view outcome,
           absl::string_view detail);

  const CallEnvironment& environment_;
  CompletionTag received_tag_;
  // gRPC's word that the call is over for it: answered, cancelled or past its deadline.
  CompletionTag done_tag_;
  CompletionTag finished_tag_;

  absl::optional<grpc::ServerContext> grpc_context_;
  absl::optional<Responder> responder_;
  grpc::ByteBuffer request_bytes_;
  absl::optional<CallContext> context_;
  CallContext::TimePoint begin_;
  absl::string_view participant_;
  bool admitted_ = false;
  bool done_ = false;
  bool finished_ = false;
};

}  // namespace uid2

#endif  // SERVER_RPC_RAW_CALL_H_
