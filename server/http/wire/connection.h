// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_CONNECTION_H_
#define SERVER_HTTP_WIRE_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/reply_reader.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// One connection to a peer, which carries one exchange at a time. This is the way of all bytes:
// Send() writes a request on the thread that posts it, and Continue() reads its reply on the loop's
// thread. Both hold the connection's lock, so the loop does not see a reply before Send() is done.
//
// It belongs to the loop's thread, except that a thread that has taken it from SharedState may call
// Send() once.
class Connection final : private EventLoop::EventHandler {
 public:
  using TimePoint = CallContext::TimePoint;

  // Learns, on the loop's thread, what the connection has received. Every function may destroy the
  // connection. OnFailure() must.
  class Owner {
   public:
    // `reply` has no peer yet. If `reusable`, the connection can carry another exchange; otherwise
    // it must be destroyed.
    virtual void OnReply(Connection& connection, Exchange& exchange, HttpReply reply,
                         bool reusable) = 0;
    // `begun` is whether a part of a reply has arrived.
    virtual void OnFailure(Connection& connection, Exchange& exchange, const absl::Status& status,
                           bool begun) = 0;
    // The peer has closed the connection, or broken the rules, while it carried no exchange. It
    // must be destroyed, unless another thread has taken it from SharedState and is about to use
    // it.
    virtual void OnEnd(Connection& connection) = 0;

   protected:
    ~Owner() = default;
  };

  // Learns, on the loop's thread, what has become of the handshake.
  class Opener {
   public:
    // The connection can carry an exchange. May destroy it.
    virtual void OnOpen(Connection& connection) = 0;
    // Must destroy the connection.
    virtual void OnNotOpen(Connection& connection, const absl::Status& status) = 0;

   protected:
    ~Opener() = default;
  };

  // What all connections of one loop share.
  struct Shared {
    EventLoop& loop;
    Owner& owner;
    // For the bytes of a reply, only while they are read.
    absl::Span<char> buffer;
    int64_t max_reply_bytes;
  };

  // `stream` is connected to `peer`. `trust_store_id` is that of the store that its peer is
  // verified against. `opened` is the present time. `shared` must outlive the connection.
  Connection(const Shared& shared, std::unique_ptr<ByteStream> stream,
             std::shared_ptr<Origin> origin, std::shared_ptr<const WirePeer> peer,
             uint64_t trust_store_id, TimePoint opened)
      : shared_(shared),
        origin_(std::move(origin)),
        peer_(std::move(peer)),
        trust_store_id_(trust_store_id),
        opened_(opened),
        stream_(std::move(stream)),
        reader_(shared.max_reply_bytes) {}

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  Origin& origin() const { return *origin_; }
  const WirePeer& peer() const { return *peer_; }
  uint64_t trust_store_id() const { return trust_store_id_; }
  TimePoint opened() const { return opened_; }

  // Of the loop's thread, as everything below except for Send():

  // Watches the socket and begins the handshake. Calls `opener`, perhaps before it returns.
  void Open(const ConnectionMetrics& metrics, Opener& opener) ABSL_LOCKS_EXCLUDED(mutex_);

  // Follows the exchange's cancellation, and sends its request. From the return on, the exchange
  // belongs to the loop, which carries on if that is not everything. Thread-safe.
  void Send(Exchange& exchange) ABSL_LOCKS_EXCLUDED(mutex_);

  // Receives what there is, and sends what is left of a request. Calls the owner if that ends
  // something.
  void Continue() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether Send() has taken the exchange, and no owner's function has returned it.
  bool Carries(const Exchange& exchange) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether the connection is to be closed when its exchange has ended, although it could be used
  // again.
  bool single_use() const { return single_use_; }
  void set_single_use() { single_use_ = true; }

  // The connection's index among the owner's.
  size_t position() const { return position_; }
  void set_position(size_t position) { position_ = position; }

 private:
  using Received = absl::StatusOr<absl::optional<HttpReply>>;

  void OnEvents(int /*fd*/, uint32_t /*events*/) override { Continue(); }

  // Goes on with the handshake.
  void ContinueHandshake() ABSL_LOCKS_EXCLUDED(mutex_);
  // Sends the rest of the request. Returns what has to happen before it can go on, if anything.
  absl::StatusOr<ByteStream::Wait> Flush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns the reply if it is complete.
  Received Receive() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Fails unless the peer has sent nothing but what belongs to TLS.
  absl::Status ReceiveNothing() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Makes the loop watch for bytes to read and, if `writable`, for room to write.
  absl::Status Watch(bool writable) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Unwatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Count(const Gauge& gauge) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Shared& shared_;
  const std::shared_ptr<Origin> origin_;
  const std::shared_ptr<const WirePeer> peer_;
  const uint64_t trust_store_id_;
  const TimePoint opened_;
  bool single_use_ = false;
  size_t position_ = 0;
  // While the handshake is in progress.
  Opener* opener_ = nullptr;
  // The events that the loop watches; 0 if it does not.
  uint32_t watched_ = 0;

  absl::Mutex mutex_;
  const std::unique_ptr<ByteStream> stream_ ABSL_PT_GUARDED_BY(mutex_);
  ReplyReader reader_ ABSL_GUARDED_BY(mutex_);
  Exchange* exchange_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // Whether it can carry another exchange after the reply that has just been received.
  bool reusable_ ABSL_GUARDED_BY(mutex_) = false;
  // Nothing can be sent or received any more.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  // Why Send() could not send; OK if it could.
  absl::Status send_failure_ ABSL_GUARDED_BY(mutex_);
  // What has not been sent of the request. Usually empty, and then it has no memory.
  std::string unsent_ ABSL_GUARDED_BY(mutex_);
  ConnectionMetrics metrics_ ABSL_GUARDED_BY(mutex_);
  // The one of `metrics_` in which the connection is counted.
  Gauge counted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_CONNECTION_H_
