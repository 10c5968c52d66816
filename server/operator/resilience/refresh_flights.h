#ifndef SERVER_OPERATOR_RESILIENCE_REFRESH_FLIGHTS_H_
#define SERVER_OPERATOR_RESILIENCE_REFRESH_FLIGHTS_H_

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
#include "server/operator/operator_counts.h"
#include "server/operator/token_api.h"

namespace uid2 {

// The refreshes of one participant that are under way at its operator, and who waits for each.
// Thread-safe: callers of one flight may be on different threads. Callbacks run without its lock.
//
// Token and response key together name a flight: a reply is opened with the key, which comes from
// the caller, so who knows the token only must not get another one's answer.
class RefreshFlights {
 public:
  struct Flight;

  // Someone who waits for a flight, or is about to.
  struct Waiter {
    explicit Waiter(TokenApi::Callback<TokenRefreshReply> done_in) : done(std::move(done_in)) {}

    // The flights' own, as is the rest. Runs exactly once, with the flight's result or with the
    // reason for leaving it.
    TokenApi::Callback<TokenRefreshReply> done;
    std::shared_ptr<Flight> flight;
    // Why it no longer waits; OK while it does.
    absl::Status left;
  };

  // One operator call, from Board() to Land().
  struct Flight {
    using Key = std::pair<std::string, std::string>;

    Flight(Key key_in, CallContext::TimePoint deadline)
        : key(std::move(key_in)), context(deadline, CallContext::Shared()) {}

    const Key key;
    // Cancelled once nobody waits any more.
    CallContext context;
    // The flights' own.
    std::vector<std::shared_ptr<Waiter>> waiters;
  };

  // `counts` must outlive it.
  explicit RefreshFlights(OperatorCounts& counts) : counts_(counts) {}

  RefreshFlights(const RefreshFlights&) = delete;
  RefreshFlights& operator=(const RefreshFlights&) = delete;

  // Has `waiter` wait, until `deadline` at most, for the flight that answers `request`. Where
  // there is none under way, the result is a new one: whoever gets it makes the call, bounded by
  // the flight's context, and lands it. Null otherwise.
  std::shared_ptr<Flight> Board(const TokenRefreshRequest& request, CallContext::TimePoint deadline,
                                const std::shared_ptr<Waiter>& waiter);

  // `waiter` waits no longer, and is told `why`; without effect where it has been answered. The
  // last one to leave cancels the flight and is told when that has landed, so that nothing that a
  // flight uses ends before it.
  void Leave(Waiter& waiter, const absl::Status& why);

  // Gives the result to all who still wait. Nothing of it is remembered.
  void Land(Flight& flight, const absl::StatusOr<TokenRefreshReply>& result);

 private:
  // From here on others begin a flight of their own.
  void Close(const Flight& flight) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  OperatorCounts& counts_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Flight::Key, std::shared_ptr<Flight>> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_REFRESH_FLIGHTS_H_
