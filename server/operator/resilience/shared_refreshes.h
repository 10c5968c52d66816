// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_SHARED_REFRESHES_H_
#define SERVER_OPERATOR_RESILIENCE_SHARED_REFRESHES_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/call/call_context.h"
#include "server/operator/token_api.h"
#include "server/telemetry/operator_metrics.h"

namespace uid2 {

// The operator calls that refreshes of one participant share, and the refreshes that wait for each.
// Thread-safe: refreshes that share a call may be on different threads. Callbacks run without the
// lock.
//
// Refreshes share a call if both the token and the response key are the same. The caller supplies
// the key, which decrypts the reply. A caller that knows only the token must not get the answer to
// another caller.
class SharedRefreshes {
 public:
  struct SharedCall;

  // A refresh that waits for a shared call, or is about to.
  struct Waiter {
    Waiter(CallContext& context_in, TokenApi::Callback<TokenRefreshReply> done_in)
        : context(context_in), done(std::move(done_in)) {}

    // Members are for SharedRefreshes only. `done` runs exactly once, with the call's result or the
    // status with which the waiter left. Until then, `context` is valid; it gets the trace of the
    // shared call.
    CallContext& context;
    TokenApi::Callback<TokenRefreshReply> done;
    std::shared_ptr<SharedCall> shared_call;
    // OK while the refresh waits; after that, the status with which it left.
    absl::Status left;
  };

  // One operator call, from Join() to Complete().
  struct SharedCall {
    using Key = std::pair<std::string, std::string>;

    SharedCall(Key key_in, CallContext::TimePoint deadline)
        : key(std::move(key_in)), context(deadline, CallContext::Shared()) {}

    const Key key;
    // Cancelled when the last waiter leaves.
    CallContext context;
    // For SharedRefreshes only.
    absl::InlinedVector<std::shared_ptr<Waiter>, 1> waiters;
  };

  explicit SharedRefreshes(const OperatorMetrics& metrics = {}) : metrics_(metrics) {}

  SharedRefreshes(const SharedRefreshes&) = delete;
  SharedRefreshes& operator=(const SharedRefreshes&) = delete;

  // Makes `waiter` wait, until `deadline` at most, for the shared call that answers `request`. If
  // none is in flight, returns a new shared call; the caller must make the operator call with its
  // context, and then call Complete(). Otherwise returns null.
  std::shared_ptr<SharedCall> Join(const TokenRefreshRequest& request,
                                   CallContext::TimePoint deadline, std::shared_ptr<Waiter> waiter);

  // Ends the wait of `waiter` with the status `why`. No effect if it has been answered. The last
  // waiter to leave cancels the shared call and is answered when that has completed, so that
  // everything that the call uses outlives it.
  void Leave(Waiter& waiter, const absl::Status& why);

  // Answers all waiters with the result, which is not cached.
  void Complete(SharedCall& shared_call, absl::StatusOr<TokenRefreshReply> result);

 private:
  // Lets no more waiters join: later refreshes begin a new call.
  void Close(const SharedCall& shared_call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const OperatorMetrics metrics_;
  absl::Mutex mutex_;
  absl::flat_hash_map<SharedCall::Key, std::shared_ptr<SharedCall>> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_SHARED_REFRESHES_H_
