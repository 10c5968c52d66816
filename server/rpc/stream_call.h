// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_STREAM_CALL_H_
#define SERVER_RPC_STREAM_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/call/clock.h"
#include "server/rpc/caller.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/raw_call.h"
#include "server/telemetry/method_metrics.h"

namespace uid2 {

class StreamCall;

// What one call does. Its functions run on the queue's thread, and none after the call has been
// finished. Destroyed when gRPC has let go of the call.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // The message that StreamCall::Read() asked for.
  virtual void Received(grpc::ByteBuffer& message) = 0;
  // There is none: the caller will send no more.
  virtual void HalfClosed() = 0;
  // The message of StreamCall::Write() has been sent.
  virtual void Written() {}
  // Something that the call tells about may have changed.
  virtual void Changed() {}
  // The server is shutting down. Must end the call, unless that does not depend on the caller.
  virtual void Drain() {}
};

// A method that StreamCalls serve. Every call is counted. Only those that fail for a reason of this
// server's are logged: probes repeat health checks every few seconds, and grpcurl asks reflection
// before each call.
struct StreamMethod {
  // "package.Service/Method", and in the log; not what a caller sent.
  std::string name;
  MethodMetrics metrics;
  // Whether only callers on the list may call it, and not every client that can connect.
  bool needs_allowed_caller = false;
  // Whether a call stays open for as long as its caller likes, and counts in OpenStreams.
  bool stays_open = false;
  // Begins to handle a call that has arrived.
  std::function<std::unique_ptr<StreamHandler>(StreamCall&)> handle;
};

// The life cycle of one call on a completion queue that may stream in both directions, whichever
// its method: requested, received, messages read and written one at a time, finished, recycled.
// The sibling of RawCall for everything that is not worth a method of its own in gRPC.
//
// Runs on the queue's thread.
class StreamCall {
 public:
  using Stream = grpc::GenericServerAsyncReaderWriter;

  // Where calls come from, and return to.
  class Owner {
   public:
    virtual void Request(grpc::GenericServerContext& context, Stream& stream,
                         CompletionTag& tag) = 0;
    // Requests the next call, and begins this one.
    virtual void Arrived(StreamCall& call) = 0;
    // Makes the object ready for another call, or deletes it.
    virtual void Recycle(StreamCall* call) = 0;

   protected:
    ~Owner() = default;
  };

  // Both must outlive this object.
  StreamCall(Owner& owner, const CallEnvironment& environment);
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  // Asks gRPC for the next call.
  void Start();

  // For the owner, once a call has arrived. `path` is "/package.Service/Method" as the caller sent
  // it, and may be anything. `connection` is the peer's address and port.
  const std::string& path() const { return context_->method(); }
  std::string connection() const { return context_->peer(); }
  // Once the call has begun.
  const Caller& caller() const { return *caller_; }
  // Counts the call as one of `method`, which must outlive it. Returns OK if its caller may make
  // it.
  absl::Status Begin(const StreamMethod& method);
  const StreamMethod& method() const { return *method_; }
  void set_handler(std::unique_ptr<StreamHandler> handler) { handler_ = std::move(handler); }
  void Changed();
  void Drain();

  // For the handler. One Read() and one Write() may be in progress at a time.
  void Read();
  bool writing() const { return writing_; }
  void Write(const google::protobuf::Message& message);
  // Ends the call, after what is being written. Later calls of any function have no effect.
  void Finish(const absl::Status& status);
  // The same, for a status that has no reason because another protocol defines it.
  void FinishWithProtocolStatus(const grpc::Status& status);
  // The same with one more message and OK. Nothing may be being written.
  void FinishWithMessage(const google::protobuf::Message& message);

 private:
  void Received(bool ok);
  void ReadDone(bool ok);
  void WriteDone(bool ok);
  void Done();
  void Finished();
  void FinishAndReport(const grpc::Status& status, Reason reason, absl::string_view detail);
  void RecycleWhenOver();
  void Report(absl::StatusCode code, Reason reason, absl::string_view detail);

  Owner& owner_;
  const CallEnvironment& environment_;
  CompletionTag received_tag_;
  CompletionTag read_tag_;
  CompletionTag write_tag_;
  // Returned when the call is over for gRPC: answered or cancelled.
  CompletionTag done_tag_;
  CompletionTag finished_tag_;

  absl::optional<grpc::GenericServerContext> context_;
  absl::optional<Stream> stream_;
  grpc::ByteBuffer message_;
  CallContext::TimePoint begin_;
  std::shared_ptr<const Caller> caller_;
  const StreamMethod* method_ = nullptr;
  std::unique_ptr<StreamHandler> handler_;
  // What the call ends with, while it waits for the last message to be written.
  absl::optional<grpc::Status> last_status_;
  bool reading_ = false;
  bool writing_ = false;
  bool ending_ = false;
  bool done_ = false;
  bool finished_ = false;
};

}  // namespace uid2

#endif  // SERVER_RPC_STREAM_CALL_H_
