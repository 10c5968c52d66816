// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_DIALER_H_
#define SERVER_HTTP_WIRE_DIALER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// Opens TCP connections, each to the first of several addresses that answers ("happy eyeballs", RFC
// 8305): the next address is tried when an earlier one has failed, or has not answered for 200 ms,
// and tries that were begun go on. Has no time limit of its own. Use it on the loop's thread
// only.
class Dialer final : private EventLoop::EventHandler {
 public:
  using TimePoint = EventLoop::TimePoint;

  // One address to which a connection is tried. (An Attempt is a whole request.)
  struct Try {
    // In the form of HttpFailure::peer.
    std::string peer;
    // The errno with which it has failed; 0 if it has not failed.
    int error = 0;
  };

  class Dial;

  // Learns what has become of a dial. May destroy the dial, and begin others.
  class Listener {
   public:
    // `socket` is connected to `peer`, one of the dial's tries.
    virtual void OnConnected(Dial& dial, FileDescriptor socket, const std::string& peer) = 0;
    // All addresses have failed; `error` is the errno of the last try.
    virtual void OnNotConnected(Dial& dial, int error) = 0;

   protected:
    ~Listener() = default;
  };

  // One connection to be opened. Destroying it abandons what is in progress.
  class Dial {
   public:
    ~Dial();

    Dial(const Dial&) = delete;
    Dial& operator=(const Dial&) = delete;

    // The addresses that were tried so far, in order. In OnConnected() without those that were
    // tried after the one that has answered and have not failed: they may have been as good.
    const std::vector<Try>& tries() const { return tries_; }

   private:
    friend class Dialer;

    Dial(Dialer& dialer, std::vector<std::string> peers, Counter opened, Listener& listener)
        : dialer_(dialer), peers_(std::move(peers)), opened_(opened), listener_(listener) {}

    Dialer& dialer_;
    // To be tried in this order; the first tries_.size() of them have been.
    const std::vector<std::string> peers_;
    const Counter opened_;
    Listener& listener_;
    std::vector<Try> tries_;
    // One for each try; not valid if it has failed.
    std::vector<FileDescriptor> sockets_;
    // When the next address is tried; max() if there is none.
    TimePoint next_ = TimePoint::max();
  };

  // `loop` must outlive the dialer, which must outlive its dials. `user_timeout` is that of the
  // sockets, see peer_socket.h.
  Dialer(EventLoop& loop, absl::Duration user_timeout);
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // Begins to connect to `port` at one of `addresses`, "192.0.2.1" or "[2001:db8::1]", of which
  // there must be at least one. The first is tried first; then addresses of the other kind (IPv4 or
  // IPv6) and of its own take turns. Each try counts in `opened`. The listener, which must
  // outlive the dial, is called once, on a later pass of the loop or later in this one, never
  // inside this function.
  std::unique_ptr<Dial> Begin(const std::vector<std::string>& addresses, int port, Counter opened,
                              Listener& listener);

 private:
  void OnEvents(int fd, uint32_t events) override;
  void TryDue(TimePoint now);
  // Tries the dial's next addresses until one is in progress. May destroy the dial.
  void TryNext(Dial& dial, TimePoint now);
  // Returns 0 if the connection is in progress, or the errno with which it has failed.
  int Connect(Dial& dial, const std::string& peer);
  void Schedule(Dial& dial, TimePoint next);
  // May destroy the dial.
  void Connected(Dial& dial, size_t tried, FileDescriptor socket);
  // Ends everything that is in progress for the dial.
  void Abandon(Dial& dial);
  FileDescriptor Forget(Dial& dial, size_t tried);

  EventLoop& loop_;
  const absl::Duration user_timeout_;
  // At the earliest time in waiting_.
  EventLoop::Alarm next_;
  std::set<std::pair<TimePoint, Dial*>> waiting_;
  // By the descriptors of the tries in progress.
  absl::flat_hash_map<int, Dial*> connecting_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_DIALER_H_
