// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_WIRE_DRIVER_H_
#define SERVER_HTTP_WIRE_WIRE_DRIVER_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/connection_pool.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/idle_connections.h"
#include "server/http/wire/openings.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/shared_state.h"
#include "server/telemetry/http_metrics.h"

namespace uid2 {

// Performs exchanges on an event loop: finds or opens a connection for those that have none, ends
// those that take too long, sends a request again whose kept connection breaks, and runs the calls'
// callbacks. Use it on the loop's thread only, or while the loop is not running, except for
// state().
class WireDriver final : private Exchange::Performer,
                         private Openings::Owner,
                         private Connection::Owner {
 public:
  using TimePoint = CallContext::TimePoint;

  // `options` must be valid. `loop` and `resolver` must outlive the driver, which sets the
  // resolver's listener.
  WireDriver(const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
             EventLoop& loop, HostResolver& resolver, const HttpMetrics& metrics);

  WireDriver(const WireDriver&) = delete;
  WireDriver& operator=(const WireDriver&) = delete;

  // Thread-safe.
  SharedState& state() { return state_; }

  // SharedState has got an earlier limit.
  void FollowLimits() { limit_.SetIfEarlier(state_.next_limit()); }

  // Verifies new connections against `trust_store` from now on. Existing connections are closed as
  // soon as no request uses them.
  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) {
    connections_.ReplaceTrustStore(std::move(trust_store));
  }

  // Fails all calls, including those that start later. Call this before the loop ends.
  void ShutDown();

 private:
  // Exchange::Performer:
  void Start(Exchange& exchange) override;
  void Cancel(Exchange& exchange) override;
  void OnUnused(Exchange& exchange) override { state_.Recycle(exchange); }

  // Openings::Owner:
  void OnOpen(Connection& connection, Exchange* exchange) override;
  void OnNotOpen(Exchange& exchange, HttpFailure failure) override {
    Fail(exchange, std::move(failure));
  }

  // Connection::Owner:
  void OnReply(Connection& connection, Exchange& exchange, HttpReply reply, bool reusable) override;
  void OnFailure(Connection& connection, Exchange& exchange, const absl::Status& status,
                 bool begun) override;
  void OnEnd(Connection& connection) override;

  // Sends the request over an idle connection, or waits for one, as soon as an address is known.
  void Launch(Exchange& exchange, TimePoint now);
  // Sends the request over `connection`, which carries no other.
  void Send(Connection& connection, Exchange& exchange, TimePoint now);
  // Lets an exchange that waits use `connection`, which carries none. If there is none, returns
  // how the connection is idle. Otherwise, or if it must not be kept and is closed, returns
  // nullopt.
  absl::optional<IdleConnections::Idle> Reuse(Connection& connection, TimePoint now);
  // Launches the exchanges that wait for addresses of `host`, or fails them with `status` if it is
  // not OK.
  void LaunchWaiting(const HostResolver::Host* host, const absl::Status& status, TimePoint now);
  // Lets the next requests go where `choice` says, without asking again for each.
  void Publish(Origin& origin, const Origin::Choice& choice, TimePoint now);

  // Whether the exchange belongs to the loop, and not to a thread that posts it.
  static bool BelongsToLoop(const Exchange& exchange);
  void GiveUpOverdue(TimePoint now);
  // The failure of an exchange whose limit has come.
  static HttpFailure Overdue(const Exchange& exchange, TimePoint now);
  // Stops an exchange that has not ended, and fails its call.
  void GiveUp(Exchange& exchange, HttpFailure why);
  // Fails the call of an exchange that has no connection any more.
  void Fail(Exchange& exchange, HttpFailure failure);
  void Finish(Exchange& exchange, const IdleConnections::Idle* idle, HttpResult result);

  // Each member is used by those below it, and is therefore destroyed after them.
  const HttpClientOptions options_;
  const HttpMetrics metrics_;
  HostResolver& resolver_;
  // When an exchange may have to end.
  EventLoop::Alarm limit_;
  SharedState state_;
  ConnectionPool connections_;
  Openings openings_;
  // The exchanges that wait for an address.
  std::vector<Exchange*> waiting_;
  bool shut_down_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_WIRE_DRIVER_H_
