// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_OPENINGS_H_
#define SERVER_HTTP_WIRE_OPENINGS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/connection_pool.h"
#include "server/http/wire/dialer.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/opening.h"
#include "server/http/wire/opening_limit.h"

namespace uid2 {

// The exchanges that wait for a connection, and the connections that are being opened, with or
// without an exchange that still waits for them. Use it on the loop's thread only.
//
// Each pass of the loop begins one connection, after it has handled everything else that is ready.
// So handshakes in progress, and replies that set connections free, come first: however many
// exchanges wait, no more handshakes are in progress than this CPU can finish in time; and, by the
// OpeningLimit of each address, no more than the server can. The exchange that has waited for the
// shortest time is served first, since it is most likely to have time left. What was begun for an
// exchange that got another connection is for the next one that needs one, so that no more
// connections are opened than exchanges wait at a time, however many do so in turn.
//
// Behind one address there may be several servers, of which one is dead. So an opening that seems
// to hang neither counts in the limit nor is for another exchange: it would keep both from those
// that work.
class Openings final : private Opening::Owner {
 public:
  using TimePoint = EventLoop::TimePoint;

  class Owner {
   public:
    // `exchange` is the one that it was opened for, which does not wait any more; null if it did
    // not wait for it until now.
    virtual void OnOpen(Connection& connection, Exchange* exchange) = 0;
    // `exchange` does not wait any more.
    virtual void OnNotOpen(Exchange& exchange, HttpFailure failure) = 0;

   protected:
    ~Owner() = default;
  };

  // All references must outlive this object.
  Openings(const HttpClientOptions& options, EventLoop& loop, ConnectionPool& pool, Owner& owner);

  Openings(const Openings&) = delete;
  Openings& operator=(const Openings&) = delete;

  // `exchange`, whose route and picked address are set, waits from now on.
  void Add(Exchange& exchange, TimePoint now);

  // `exchange`, which waits, does so no more. What was begun for it goes on, within the connect
  // timeout.
  void Remove(Exchange& exchange, TimePoint now);

  // Removes and returns an exchange that can use `connection`; null if there is none.
  Exchange* TakeFor(const Connection& connection);

  // No exchange may wait. Abandons all that is in progress.
  void Clear();

 private:
  using Iterator = std::vector<std::unique_ptr<Opening>>::iterator;

  void OnOpen(Opening& opening, Connection& connection) override;
  void OnNotOpen(Opening& opening, const absl::Status& status) override;

  void BeginNext(TimePoint now);
  // That of its address.
  static OpeningLimit& LimitOf(const Opening& opening, TimePoint now);
  // `opened` is open: gives up those that it has overtaken.
  void GiveUpOvertaken(const Opening& opened, TimePoint now);
  // Gives up an opening to each address that keeps others from it, if none has begun for a while.
  void GiveUpStalled(TimePoint now);
  // `opening` hangs.
  void GiveUp(Opening& opening, TimePoint now);
  // Makes room for another one in the limit of the opening's address, if the opening counts there:
  // from its begin until it ends or is stuck. `opened` is whether it ends because it is open.
  void Release(const Opening& opening, TimePoint now, bool opened = false);
  void AbandonOld(TimePoint now);
  // Makes the exchange wait for what was begun for another. Returns false if there is nothing.
  bool Adopt(Exchange& exchange, TimePoint now);
  Iterator Find(const Opening& opening);
  // Releases and forgets it.
  void Erase(Iterator opening, TimePoint now);
  void Forget(Iterator opening);
  // Makes the opening go on without its exchange, or abandons it.
  void Leave(Iterator opening, TimePoint now);

  const HttpClientOptions& options_;
  const TimePoint::duration timeout_;
  // For how long an opening is of use to others.
  const TimePoint::duration patience_;
  ConnectionPool& pool_;
  Owner& owner_;
  // Before the dialer's, so that a dial begins on the same pass.
  EventLoop::Alarm begin_;
  EventLoop::Alarm old_;
  EventLoop::Alarm stalled_;
  Dialer dialer_;
  // Those that have an exchange are in the order of Add().
  std::vector<std::unique_ptr<Opening>> openings_;
  // How many of them have no exchange, and how many are not begun, so that neither is counted for
  // each request and each reply.
  size_t spare_ = 0;
  size_t unbegun_ = 0;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_OPENINGS_H_
