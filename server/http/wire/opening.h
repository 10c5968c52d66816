// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_OPENING_H_
#define SERVER_HTTP_WIRE_OPENING_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/connection_pool.h"
#include "server/http/wire/dialer.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/origin.h"
#include "server/telemetry/http_target_metrics.h"

namespace uid2 {

// A connection that is being opened, for TCP and then for TLS. It is begun for an exchange, but
// goes on without it, or for another. Use it on the loop's thread only.
class Opening final : private Dialer::Listener, private Connection::Opener {
 public:
  using TimePoint = EventLoop::TimePoint;

  // Learns what has become of an opening, which every function must destroy.
  class Owner {
   public:
    virtual void OnOpen(Opening& opening, Connection& connection) = 0;
    virtual void OnNotOpen(Opening& opening, const absl::Status& status) = 0;

   protected:
    ~Owner() = default;
  };

  // Does nothing before Begin(). `addresses` are as in Dialer::Begin(). `pool` and `owner` must
  // outlive the opening.
  Opening(Exchange& exchange, std::vector<std::string> addresses, ConnectionPool& pool,
          Owner& owner);
  // Abandons what is in progress.
  ~Opening();

  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  // Null if the exchange does not need the connection any more.
  Exchange* exchange() const { return exchange_; }

  // Tells the exchange's attempt which peers were tried, if there is an exchange.
  void Report();
  // The exchange waits for this no more.
  void Leave();

  // Whether it seems to hang: an exchange has waited for it in vain, or others were faster.
  bool stuck() const { return stuck_; }
  void set_stuck() { stuck_ = true; }
  // Whether an exchange that wants a connection to `address` can wait for this as for its own.
  // What was begun before `earliest` may hang.
  bool AdoptableFor(const Origin& origin, HostAddresses::Id address, TimePoint earliest) const;
  // `exchange`, for which it is adoptable, waits for it from now on.
  void Adopt(Exchange& exchange);
  bool adopted() const { return adopted_; }

  const std::shared_ptr<Origin>& origin() const { return origin_; }
  // The address that was picked for the exchange.
  HostAddresses::Id picked() const { return picked_; }

  // Picks the address again, because it may have failed since. There must be an exchange. Call this
  // before Begin().
  void Repick(TimePoint now);
  // Whether Repick() would pick what `other` has just picked. Both must have an exchange.
  bool PicksLike(const Opening& other) const;

  // `limit` is when the opening should be abandoned.
  void Begin(Dialer& dialer, TimePoint now, TimePoint limit);
  bool begun() const { return dial_ != nullptr; }
  TimePoint begun_at() const { return begun_at_; }
  TimePoint limit() const { return limit_; }

  // Whether TCP is connected.
  bool connected() const { return connection_ != nullptr; }
  // As in HttpFailure.
  std::string peer() const;

 private:
  void OnConnected(Dialer::Dial& dial, FileDescriptor socket, const std::string& peer) override;
  void OnNotConnected(Dialer::Dial& dial, int error) override;
  void OnOpen(Connection& connection) override;
  void OnNotOpen(Connection& connection, const absl::Status& status) override;

  void Await(Exchange& exchange);

  Exchange* exchange_ = nullptr;
  bool adopted_ = false;
  bool stuck_ = false;
  const std::shared_ptr<Origin> origin_;
  const HttpTargetMetrics metrics_;
  HostAddresses::Id picked_;
  std::vector<std::string> addresses_;
  ConnectionPool& pool_;
  Owner& owner_;
  TimePoint begun_at_;
  TimePoint limit_ = TimePoint::max();
  std::unique_ptr<Dialer::Dial> dial_;
  // While its handshake is in progress.
  Connection* connection_ = nullptr;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_OPENING_H_
