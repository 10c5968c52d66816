// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_RAW_CALL_H_
#define SERVER_RPC_RAW_CALL_H_

#include <grpcpp/support/slice.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/call_deadline.h"
#include "server/rpc/caller.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/identity_call_metrics.h"
#include "server/rpc/monotonic_latch.h"
#include "server/rpc/result_counters.h"
#include "server/rpc/server_call.h"
#include "server/telemetry/call_log.h"

namespace uid2 {

// The parts of the server that calls use. All of them must outlive every call.
struct CallEnvironment {
  CompletionThread& thread;
  const Clock& clock;
  Admission& admission;
  CallerCache& callers;
  CallLog& log;
  DeadlineOptions deadlines;
  // Counted down by each method once: when, after the server's shutdown, its last call has ended
  // and none can arrive any more.
  MonotonicLatch& methods_over;
};

// The life cycle of one unary call on a completion queue, independent of its message types:
// requested, received, handled, finished, recycled. Receives raw bytes, so that a request that
// cannot be parsed fails with INVALID_ARGUMENT; gRPC itself would answer UNIMPLEMENTED.
//
// A call is requested and handled on the queue's thread. Any thread may finish it, and it is
// recycled on the thread on which gRPC is done with it, but not before it has been handled.
class RawCall : private ServerCall::Listener {
 public:
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;
  virtual ~RawCall() = default;

  // Asks gRPC for the next call.
  void Start();

  // Has the call's deadline; cancelled when the caller goes away.
  CallContext& context() { return *context_; }

  const Caller& caller() const { return *caller_; }

  // The participant's name for the log, as configured, and the counters of the calls for it. Both
  // must live as long as the call.
  void set_participant(absl::string_view name, const ResultCounters& results) {
    participant_ = name;
    results_ = &results;
  }

 protected:
  explicit RawCall(const CallEnvironment& environment);

  // Call exactly one of these, once. The call must not be used after that.
  void FinishWithError(const absl::Status& cause);
  // `outcome` is the name of the result's outcome.
  void FinishWithResponse(const grpc::Slice& response, const CallResult& result,
                          absl::string_view outcome);

 private:
  virtual absl::string_view method_name() const = 0;
  virtual const IdentityCallMetrics& metrics() const = 0;
  virtual void Listen(ServerCall& call, CompletionTag& received) = 0;
  virtual void ListenForNext() = 0;
  virtual absl::Status Parse(const grpc::Slice& request) = 0;
  virtual void Handle() = 0;
  // Makes the object ready for another call, or deletes it. Any thread.
  virtual void Recycle() = 0;

  void Received(bool ok);
  void Process();
  // Returns OK if the call may be handled. The call has its caller from then on.
  absl::Status Admit(absl::Time now);
  // ServerCall::Listener:
  void OnOver(bool cancelled) override;
  void OnAnswered() override;
  // Recycles the object when the last of those who use it has let go of it.
  void LetGo();
  // Tells the log and the counters how the call ended. Every call that was received ends here.
  void Report(const CallResult& result, absl::string_view outcome, absl::string_view detail);
  void Count(const CallResult& result, absl::Duration duration) const;

  const CallEnvironment& environment_;
  CompletionTag received_tag_;
  ServerCall call_;
  // Received(), OnOver() and OnAnswered(): those of them that have not returned yet.
  std::atomic<int> users_{0};
  absl::optional<CallContext> context_;
  CallContext::TimePoint begin_;
  std::shared_ptr<const Caller> caller_;
  absl::string_view participant_;
  const ResultCounters* results_ = nullptr;
  bool admitted_ = false;
};

}  // namespace uid2

#endif  // SERVER_RPC_RAW_CALL_H_
