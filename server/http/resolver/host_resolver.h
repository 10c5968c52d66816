// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_
#define SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/resolver/host_addresses.h"
#include "server/telemetry/http_metrics.h"

namespace uid2 {

// Finds the addresses of hosts and caches them. Use it on the thread of one loop, which never waits
// for a look-up: a short-lived thread, named "resolver", makes each one. There is at most one
// look-up in progress for a name; libcurl would start one for each transfer.
//
// Addresses are fresh for `address_age`. After that, they are still used for five minutes while the
// next look-up is in progress, and for up to an hour after they were found while look-ups fail: a
// name server that is down must not make hosts unreachable. Even older addresses may belong to
// another host by now.
class HostResolver {
 public:
  using TimePoint = CallContext::TimePoint;

  // What is known about one name. Use it on the loop's thread only; it may be destroyed on any
  // thread.
  class Host {
   public:
    explicit Host(std::string name) : name_(std::move(name)) {}

    // All that are known, however old. Begins no look-up.
    HostAddresses& addresses() { return addresses_; }

   private:
    friend class HostResolver;

    const std::string name_;
    // Of the last successful look-up, which ended at found_; empty if there was none.
    HostAddresses addresses_;
    TimePoint found_;
    TimePoint fresh_until_ = TimePoint::min();
    TimePoint usable_until_ = TimePoint::min();
    // When the next look-up is due; max() while one is in progress.
    TimePoint next_look_up_ = TimePoint::min();
  };

  // Called when a look-up has ended, at `now`. `status` is OK if the host has usable addresses at
  // that time, and kUnavailable if it has none.
  using Listener = std::function<void(const std::shared_ptr<Host>& host, const absl::Status& status,
                                      TimePoint now)>;

  // `loop` must outlive this object. `address_age` must be positive. `now` returns the time at
  // which a look-up ends.
  HostResolver(EventLoop& loop, const HttpMetrics& metrics, absl::Duration address_age,
               std::function<TimePoint()> now = &std::chrono::steady_clock::now)
      : address_age_(address_age), now_(std::move(now)), metrics_(metrics), tasks_(loop.tasks()) {}

  // The loop must have ended. Look-ups may still be in progress; their threads end on their own.
  ~HostResolver() = default;

  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  // Call this before anything is looked up. There is one listener. It runs on the loop's thread,
  // never inside a function of the resolver.
  void set_listener(Listener listener) { listener_ = std::move(listener); }

  // Returns the same host for the same name, ignoring case. The host is kept as long as another
  // owner keeps the pointer.
  std::shared_ptr<Host> HostNamed(absl::string_view name);

  // Returns the addresses to use at `now`, which must never go back. They belong to the host.
  // Starts a look-up if one is due. If the result is null, the listener will be called.
  HostAddresses* AddressesOf(const std::shared_ptr<Host>& host, TimePoint now) {
    return now < host->fresh_until_ ? &host->addresses_ : AgedAddressesOf(host, now);
  }

  // Looks the host up at `now`, or with the next request once a second has passed since the last
  // look-up. For a host none of whose addresses works: it may have moved.
  void LookUpAgain(const std::shared_ptr<Host>& host, TimePoint now);

 private:
  HostAddresses* AgedAddressesOf(const std::shared_ptr<Host>& host, TimePoint now);
  void Begin(const std::shared_ptr<Host>& host);
  void Answer(const std::shared_ptr<Host>& host,
              const absl::StatusOr<std::vector<std::string>>& addresses);
  absl::Status Update(Host& host, const absl::StatusOr<std::vector<std::string>>& addresses,
                      TimePoint now);

  const absl::Duration address_age_;
  const std::function<TimePoint()> now_;
  const HttpMetrics metrics_;
  const EventLoop::TaskQueue tasks_;
  Listener listener_;
  absl::flat_hash_map<std::string, std::shared_ptr<Host>> hosts_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_RESOLVER_HOST_RESOLVER_H_
