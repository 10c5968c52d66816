// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_
#define SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Finds the addresses of hosts, and remembers them. For the thread of one loop, which never waits
// for a look-up: each is made by a short-lived thread, named "resolver". A name has at most one
// look-up in progress, however many want its addresses; libcurl would start a thread for each.
//
// Addresses are fresh for `address_age`. Older ones are still used while the next look-up is in
// progress, up to five minutes after that; and while look-ups fail, up to an hour after they were
// found: a name server that is down must not take down the hosts that it named. Even older ones may
// belong to somebody else by now.
class HostResolver {
 public:
  using TimePoint = CallContext::TimePoint;

  // Of one host, in the order in which to try them: "192.0.2.1,[2001:db8::1]". The same pointer as
  // long as they are the same.
  using Addresses = std::shared_ptr<const std::string>;

  // What is known of one name. For the loop's thread, but it may be destroyed on any.
  class Host {
   public:
    explicit Host(std::string name) : name_(std::move(name)) {}

   private:
    friend class HostResolver;

    const std::string name_;
    // Of the last look-up that has found any, at found_; null: none has yet.
    Addresses addresses_;
    TimePoint found_;
    TimePoint fresh_until_ = TimePoint::min();
    TimePoint usable_until_ = TimePoint::min();
    // When the next is due; max() while one is in progress.
    TimePoint next_look_up_ = TimePoint::min();
  };

  // Told when a look-up has ended, at `now`. OK: the host has addresses that can be used then.
  // kUnavailable: it has none.
  using Listener = std::function<void(const std::shared_ptr<Host>& host, const absl::Status& status,
                                      TimePoint now)>;

  // `loop` must outlive it. `address_age` is positive. `now` tells when a look-up
  // ends.
  HostResolver(EventLoop& loop, const HttpMetrics& metrics, absl::Duration address_age,
               std::function<TimePoint()> now = &std::chrono::steady_clock::now)
      : address_age_(address_age), now_(std::move(now)), metrics_(metrics), tasks_(loop.tasks()) {}

  // When the loop has ended. Look-ups may still be in progress: their threads end by themselves.
  ~HostResolver() = default;

  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  // Before anything is looked up. There is one listener; it runs on the loop's thread, never inside
  // a function of the resolver.
  void set_listener(Listener listener) { listener_ = std::move(listener); }

  // The same for the same name in any case. Remembered as long as somebody else holds it.
  std::shared_ptr<Host> HostNamed(absl::string_view name);

  // What to use at `now`, which never goes back. Null: the listener will be told. Begins a look-up
  // if one is due.
  const Addresses& AddressesOf(const std::shared_ptr<Host>& host, TimePoint now) {
    return now < host->fresh_until_ ? host->addresses_ : AgedAddressesOf(host, now);
  }

 private:
  const Addresses& AgedAddressesOf(const std::shared_ptr<Host>& host, TimePoint now);
  void Begin(const std::shared_ptr<Host>& host);
  void Answer(const std::shared_ptr<Host>& host, absl::StatusOr<std::string> addresses);
  absl::Status Update(Host& host, absl::StatusOr<std::string> addresses, TimePoint now);

  const Addresses none_;
  const absl::Duration address_age_;
  const std::function<TimePoint()> now_;
  const HttpMetrics metrics_;
  const EventLoop::TaskQueue tasks_;
  Listener listener_;
  absl::flat_hash_map<std::string, std::shared_ptr<Host>> hosts_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_
