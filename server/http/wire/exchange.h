// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_EXCHANGE_H_
#define SERVER_HTTP_WIRE_EXCHANGE_H_

#include <atomic>
#include <cstddef>
#include <utility>

#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/attempt.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/wire/route.h"

namespace uid2 {

class Connection;
class Opening;

// One call of HttpClient::Post(). Used again for other calls, so that no call allocates one.
//
// The thread that posts prepares it and hands it to the loop's thread: with PostStart(), or with
// Connection::Send(), from the end of which the connection carries it. From then on, everything
// happens on the loop's thread.
class Exchange final {
 public:
  using TimePoint = CallContext::TimePoint;

  // Performs exchanges on the loop's thread.
  class Performer {
   public:
    virtual void Start(Exchange& exchange) = 0;
    // May be called at any time between Begin() and End(), even before Start().
    virtual void Cancel(Exchange& exchange) = 0;
    // The exchange had ended when it was not unused() yet, and now it is.
    virtual void OnUnused(Exchange& exchange) = 0;

   protected:
    ~Performer() = default;
  };

  enum class Phase {
    // A thread other than the loop's has it, or it waits for Start().
    kPosted,
    kAwaitsAddress,
    kConnects,
    kAwaitsReply,
  };

  // All must outlive the exchange.
  Exchange(const HttpClientOptions& options, EventLoop& loop, Performer& performer)
      : loop_(loop), performer_(performer), attempt_(options) {}

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Of the thread that posts:

  void Begin(HttpRequest request, CallContext& context, HttpClient::Callback done);

  // The request will be sent over `connection`, which was idle. attempt() must have begun at `now`.
  // Returns when the attempt has to end. Call this under the lock of SharedState, before Begin().
  TimePoint BeginOn(Connection& connection, Route& route, const CallContext& context,
                    TimePoint now);

  // From now until End(), a cancellation of the context is passed to the performer. Only the first
  // call has an effect.
  void FollowCancellation();

  // Makes the performer start the exchange.
  void PostStart();

  // Of whichever thread has it:

  // When the exchange has to end in its present phase.
  TimePoint Limit(const CallContext& context) const;

  const HttpRequest& request() const { return request_; }
  const HttpTargetMetrics& metrics() const { return request_.target->metrics; }
  CallContext& context() const { return *context_; }
  Attempt& attempt() { return attempt_; }
  const Attempt& attempt() const { return attempt_; }

  Phase phase() const { return phase_; }
  void set_phase(Phase phase) { phase_ = phase; }

  // Null until the target's route is known.
  Route* route() const { return route_; }
  void set_route(Route* route) { route_ = route; }

  // The connection that carries the request; null if there is none.
  Connection* connection() const { return connection_; }
  void set_connection(Connection* connection) { connection_ = connection; }

  // Whether the request is being sent a second time, because its first connection broke.
  bool resent() const { return resent_; }
  void set_resent(bool resent) { resent_ = resent; }

  // Of the loop's thread:

  // The address to which the request goes over a connection that is not idle yet.
  HostAddresses::Id picked() const { return picked_; }
  void set_picked(HostAddresses::Id picked) { picked_ = picked; }
  // What is being opened for it; null unless it waits in Openings.
  Opening* opening() const { return opening_; }
  void set_opening(Opening* opening) { opening_ = opening; }

  // Forgets the call, and returns its callback. A task that is on its way has no effect any more,
  // but the exchange must not be used again before it has run; unused() says so.
  HttpClient::Callback End();
  bool unused() const { return tasks_.load(std::memory_order_acquire) == 0; }

  // Guarded by the lock of SharedState: its position in InFlight.
  size_t position() const { return position_; }
  void set_position(size_t position) { position_ = position; }

 private:
  class Signal final : public EventLoop::Task {
   public:
    Signal(Exchange& exchange, void (Performer::*action)(Exchange&))
        : exchange_(exchange), action_(action) {}
    void Run() override { exchange_.RunTask(action_); }

   private:
    Exchange& exchange_;
    void (Performer::*const action_)(Exchange&);
  };

  void PostTask(Signal& task);
  void RunTask(void (Performer::*action)(Exchange&));

  EventLoop& loop_;
  Performer& performer_;

  HttpRequest request_;
  // Null unless a call is in progress.
  CallContext* context_ = nullptr;
  HttpClient::Callback done_;
  Attempt attempt_;
  Phase phase_ = Phase::kPosted;
  bool resent_ = false;
  Route* route_ = nullptr;
  Connection* connection_ = nullptr;
  Opening* opening_ = nullptr;
  HostAddresses::Id picked_ = 0;
  size_t position_ = 0;

  // Tasks that were posted and have not run.
  std::atomic<int> tasks_{0};
  Signal start_{*this, &Performer::Start};
  Signal cancel_{*this, &Performer::Cancel};
  // Uses cancel_.
  absl::optional<CancelCallback> on_cancel_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_EXCHANGE_H_
