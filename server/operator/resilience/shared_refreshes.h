#ifndef SERVER_OPERATOR_RESILIENCE_SHARED_REFRESHES_H_
#define SERVER_OPERATOR_RESILIENCE_SHARED_REFRESHES_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/call/call_context.h"
#include "server/operator/token_api.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The refreshes of one participant that are under way at its operator, and who waits for each.
// Thread-safe: callers of one shared_call may be on different threads. Callbacks run without its
// lock.
//
// Token and response key together name a shared_call: a reply is opened with the key, which comes
// from the caller, so who knows the token only must not get another one's answer.
class SharedRefreshes {
 public:
  struct SharedCall;

  // Someone who waits for a shared_call, or is about to.
  struct Waiter {
    explicit Waiter(TokenApi::Callback<TokenRefreshReply> done_in) : done(std::move(done_in)) {}

    // The shared_refreshes' own, as is the rest. Runs exactly once, with the shared_call's result
    // or with the reason for leaving it.
    TokenApi::Callback<TokenRefreshReply> done;
    std::shared_ptr<SharedCall> shared_call;
    // Why it no longer waits; OK while it does.
    absl::Status left;
  };

  // One operator call, from Join() to Complete().
  struct SharedCall {
    using Key = std::pair<std::string, std::string>;

    SharedCall(Key key_in, CallContext::TimePoint deadline)
        : key(std::move(key_in)), context(deadline, CallContext::Shared()) {}

    const Key key;
    // Cancelled once nobody waits any more.
    CallContext context;
    // The shared_refreshes' own.
    std::vector<std::shared_ptr<Waiter>> waiters;
  };

  explicit SharedRefreshes(const OperatorMetrics& metrics = {}) : metrics_(metrics) {}

  SharedRefreshes(const SharedRefreshes&) = delete;
  SharedRefreshes& operator=(const SharedRefreshes&) = delete;

  // Has `waiter` wait, until `deadline` at most, for the shared_call that answers `request`. Where
  // there is none under way, the result is a new one: whoever gets it makes the call, bounded by
  // the shared_call's context, and lands it. Null otherwise.
  std::shared_ptr<SharedCall> Join(const TokenRefreshRequest& request,
                                   CallContext::TimePoint deadline,
                                   const std::shared_ptr<Waiter>& waiter);

  // `waiter` waits no longer, and is told `why`; without effect where it has been answered. The
  // last one to leave cancels the shared_call and is told when that has landed, so that nothing
  // that a shared_call uses ends before it.
  void Leave(Waiter& waiter, const absl::Status& why);

  // Gives the result to all who still wait. Nothing of it is remembered.
  void Complete(SharedCall& shared_call, const absl::StatusOr<TokenRefreshReply>& result);

 private:
  // From here on others begin a shared_call of their own.
  void Close(const SharedCall& shared_call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const OperatorMetrics metrics_;
  absl::Mutex mutex_;
  absl::flat_hash_map<SharedCall::Key, std::shared_ptr<SharedCall>> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_SHARED_REFRESHES_H_
