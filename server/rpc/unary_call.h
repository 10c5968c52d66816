// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_UNARY_CALL_H_
#define SERVER_RPC_UNARY_CALL_H_

#include <grpcpp/support/slice.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/encoded_response.h"
#include "server/rpc/identity_call_metrics.h"
#include "server/rpc/raw_call.h"
#include "server/rpc/request_parser.h"
#include "server/rpc/result_counters.h"
#include "server/rpc/server_call.h"
#include "server/rpc/unary_service.h"

namespace uid2 {

template <typename Request, typename Response>
class UnaryMethod;

// One call of a unary method, as a handler sees it: the request, the context with its deadline, and
// Finish(). `Response` must have an enum `Outcome`. The outcome is logged, as is the reason why an
// identity was kept.
template <typename Request, typename Response>
class UnaryCall final : public RawCall {
 public:
  UnaryCall(UnaryMethod<Request, Response>& method, const CallEnvironment& environment)
      : RawCall(environment), method_(method) {}

  const Request& request() const { return request_; }

  // Ends the call. Call this once, on any thread. The call must not be used after that.
  void Finish(const absl::StatusOr<EncodedResponse>& result) {
    if (!result.ok()) return FinishWithError(result.status());
    CallResult end;
    end.outcome = result->outcome;
    end.reason = result->kept_reason;
    const auto outcome = static_cast<typename Response::Outcome>(result->outcome);
    FinishWithResponse(result->bytes, end, Response::Outcome_Name(outcome));
  }

 private:
  absl::string_view method_name() const override { return method_.name(); }
  const IdentityCallMetrics& metrics() const override { return method_.metrics(); }

  void Listen(ServerCall& call, CompletionTag& received) override {
    method_.RequestCall(call, received);
  }

  void ListenForNext() override { method_.Listen(); }

  absl::Status Parse(const grpc::Slice& request) override {
    return ParseRequest(request, request_);
  }

  void Handle() override { method_.Handle(*this); }

  void Recycle() override {
    request_.Clear();
    method_.Recycle(this);
  }

  UnaryMethod<Request, Response>& method_;
  Request request_;
};

// A unary method on one completion queue: requests calls from gRPC, passes them to a handler, and
// keeps the objects of finished calls for reuse. Everything except the constructor and Recycle()
// runs on the queue's thread.
template <typename Request, typename Response>
class UnaryMethod {
 public:
  using Call = UnaryCall<Request, Response>;
  using Handler = std::function<void(Call&)>;

  // `method` is where its calls come from, and `name` is what the log calls it. `method` and
  // `environment` must outlive this object.
  UnaryMethod(absl::string_view name, IdentityCallMetrics metrics,
              const CallEnvironment& environment, const UnaryService::Method& method,
              Handler handler)
      : name_(name),
        metrics_(std::move(metrics)),
        environment_(environment),
        method_(method),
        handler_(std::move(handler)) {}

  // Returns when the last call has been recycled, so call this after the server's shutdown.
  ~UnaryMethod() {
    absl::MutexLock lock(&mutex_);
    const auto over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_ == 0; };
    mutex_.Await(absl::Condition(&over));
  }

  UnaryMethod(const UnaryMethod&) = delete;
  UnaryMethod& operator=(const UnaryMethod&) = delete;

  absl::string_view name() const { return name_; }
  const IdentityCallMetrics& metrics() const { return metrics_; }

  // Requests one more call from gRPC. Does not block.
  void Listen() {
    std::unique_ptr<Call> call = TakeIdle();
    if (call == nullptr) call = std::make_unique<Call>(*this, environment_);
    // Owned by gRPC until Recycle() takes it back.
    call.release()->Start();
  }

  void RequestCall(ServerCall& call, CompletionTag& received) {
    call.Request(method_, environment_.thread, received);
  }

  void Handle(Call& call) { handler_(call); }

  void Recycle(Call* call) {
    std::unique_ptr<Call> owned(call);
    MonotonicLatch& over = environment_.methods_over;
    {
      absl::MutexLock lock(&mutex_);
      if (idle_.size() < kMaxIdleCalls) idle_.push_back(std::move(owned));
      // A call that has arrived is replaced before it is handled, so that this is zero only after
      // the server's shutdown, when gRPC no longer delivers calls.
      if (--calls_ > 0) return;
    }
    // After that, this object may not exist any more.
    over.CountDown();
  }

 private:
  // Counts one more call, and returns an object for it; null if there is none.
  std::unique_ptr<Call> TakeIdle() {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Call> call = std::move(idle_.back());
    idle_.pop_back();
    return call;
  }

  // Limits the memory that is kept after a burst of calls.
  static constexpr size_t kMaxIdleCalls = 256;

  const std::string name_;
  const IdentityCallMetrics metrics_;
  const CallEnvironment& environment_;
  const UnaryService::Method& method_;
  const Handler handler_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Call>> idle_ ABSL_GUARDED_BY(mutex_);
  // Requested from gRPC and not recycled yet.
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace uid2

#endif  // SERVER_RPC_UNARY_CALL_H_
