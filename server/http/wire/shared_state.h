// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_SHARED_STATE_H_
#define SERVER_HTTP_WIRE_SHARED_STATE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/idle_connections.h"
#include "server/http/wire/in_flight.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/route.h"

namespace uid2 {

// What the threads that post requests share with the loop's thread, under one lock: the idle
// connections, where requests may go without asking the loop, and which are in flight. Thread-safe;
// functions for the loop's thread are marked.
class SharedState {
 public:
  using TimePoint = CallContext::TimePoint;

  // All must outlive this object; `loop` and `performer` are those of its exchanges.
  SharedState(const HttpClientOptions& options, EventLoop& loop, Exchange::Performer& performer)
      : options_(options), loop_(loop), performer_(performer) {}

  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  struct Begun {
    Exchange& exchange;
    // The loop's thread must look at next_limit() again.
    bool limit_is_earlier;
  };

  // Begins an exchange at `now`. If it has a connection afterwards, only Connection::Send() is left
  // to do; that connection is no longer idle. Otherwise, the loop has to find or open one.
  Begun Begin(HttpRequest request, CallContext& context, HttpClient::Callback done, TimePoint now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The functions below are for the loop's thread.

  // The route of `target`, which is made if it does not exist: kInternal if nothing can be sent
  // there. Releases the routes of targets that nobody else has any more.
  absl::StatusOr<Route*> RouteOf(const std::shared_ptr<const HttpTarget>& target,
                                 HostResolver& resolver, TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);

  // From now until `until`, requests to `origin` with nothing to avoid need not ask the loop.
  void Publish(Origin& origin, const Origin::Choice& choice, TimePoint until)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Removes and returns an idle connection to `address`; null if there is none.
  Connection* Take(Origin& origin, HostAddresses::Id address, TimePoint now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Removes a connection that is idle. Returns false if it is not.
  bool Remove(const Connection& connection) ABSL_LOCKS_EXCLUDED(mutex_);

  // Removes and returns all idle connections for which `condition` holds.
  std::vector<Connection*> RemoveIf(
      absl::FunctionRef<bool(const Origin&, const IdleConnections::Idle&)> condition)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // When the next idle connection has to be closed; max() if there is none.
  TimePoint next_end() const ABSL_LOCKS_EXCLUDED(mutex_);

  // How many connections are idle.
  size_t idle() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Limits the time of an exchange that is in flight.
  void SetLimit(const Exchange& exchange, TimePoint limit) ABSL_LOCKS_EXCLUDED(mutex_);

  // The exchanges whose limit has come. After this, only earlier limits than the next one are
  // reported by Begin().
  std::vector<Exchange*> Due(TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<Exchange*> All() const ABSL_LOCKS_EXCLUDED(mutex_);

  // When Due() must be called.
  TimePoint next_limit() const ABSL_LOCKS_EXCLUDED(mutex_);

  // `exchange`, which had `route` or null, has ended. Its connection becomes idle, unless `idle` is
  // null; if there are then too many, one is removed and returned. Otherwise returns null.
  Connection* End(Exchange& exchange, Route* route, const IdleConnections::Idle* idle)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The same, for a connection that has carried no exchange.
  Connection* Add(const IdleConnections::Idle& idle) ABSL_LOCKS_EXCLUDED(mutex_);

  // Keeps an exchange that has ended, and was not unused() then, for the next call.
  void Recycle(Exchange& exchange) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Exchange& UnusedExchange() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The idle connection for a request that asks nobody; null if there is none.
  Connection* TakeChosen(Origin& origin, TimePoint now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Connection* TakeTo(Origin& origin, HostAddresses::Id address, TimePoint now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns the one that is now surplus, or null.
  Connection* AddIdle(const IdleConnections::Idle& idle) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Connection* TakeOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropUnused() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<Origin> OriginOf(const Url& url, HostResolver& resolver)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const HttpClientOptions& options_;
  EventLoop& loop_;
  Exchange::Performer& performer_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<const HttpTarget*, std::unique_ptr<Route>> routes_ ABSL_GUARDED_BY(mutex_);
  // Those of the routes, and those to which there are connections.
  std::vector<std::weak_ptr<Origin>> origins_ ABSL_GUARDED_BY(mutex_);
  TimePoint next_drop_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  InFlight in_flight_ ABSL_GUARDED_BY(mutex_);
  TimePoint next_limit_ ABSL_GUARDED_BY(mutex_) = TimePoint::max();
  // All that exist, and those of them that are unused.
  std::vector<std::unique_ptr<Exchange>> exchanges_ ABSL_GUARDED_BY(mutex_);
  std::vector<Exchange*> unused_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_SHARED_STATE_H_
