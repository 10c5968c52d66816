// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_ORIGIN_H_
#define SERVER_HTTP_WIRE_ORIGIN_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/call/call_context.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/target_host.h"
#include "server/http/url.h"
#include "server/http/wire/idle_connections.h"
#include "server/http/wire/opening_limit.h"

namespace uid2 {

// One end of connections, shared by all connections to it.
struct WirePeer {
  // As in HttpFailure.
  std::string text;
  HostAddresses::Id address;
};

// A scheme, host and port: requests to the same origin share connections. Use it on the loop's
// thread only, except for what SharedState guards.
class Origin {
 public:
  using TimePoint = CallContext::TimePoint;

  struct Choice {
    // The address to use, and the one to use instead if there is an idle connection to it, or 0.
    HostAddresses::Id picked = 0;
    HostAddresses::Id departing = 0;
    // Whether the host has another address than the picked one that is not failing.
    bool has_alternative = false;
  };

  // `resolver` must outlive the origin.
  Origin(const Url& url, HostResolver& resolver);

  // Whether requests to `url` are to this origin.
  bool IsFor(const Url& url) const;

  bool tls() const { return tls_; }
  // Without brackets.
  const std::string& host() const { return host_; }
  int port() const { return port_; }
  TargetHost& target_host() { return target_host_; }

  // Where a request that begins at `now` goes, if possible not to `avoid`. If no address is known,
  // `picked` is 0 and the resolver will call its listener.
  Choice Choose(TimePoint now, HostAddresses::Id avoid);

  // The address to pick now among those that are known. Choose() has picked one before.
  HostAddresses::Id PickAgain(TimePoint now, HostAddresses::Id avoid) const;

  // The addresses to connect to, first the one that was just picked.
  std::vector<std::string> AddressesToDial(TimePoint now, HostAddresses::Id avoid);

  // Whether exchanges wait for a connection. Each says when it begins to, and when it ends.
  bool awaited() const { return waiting_ > 0; }
  void BeginWait() { ++waiting_; }
  void EndWait() { --waiting_; }

  // `text` is as in HttpFailure.
  std::shared_ptr<const WirePeer> PeerNamed(absl::string_view text);

  // How many connections to the address may be opened at a time.
  OpeningLimit& LimitOf(HostAddresses::Id address, TimePoint now);

  // What its lock guards.
  struct Pooled {
    IdleConnections idle;
    // For requests with nothing to avoid; must not be used at `choice_until` or later.
    Choice choice;
    TimePoint choice_until = TimePoint::min();
  };
  Pooled& pooled() { return pooled_; }
  const Pooled& pooled() const { return pooled_; }

 private:
  Pooled pooled_;
  const bool tls_;
  const std::string host_;
  const int port_;
  TargetHost target_host_;
  int waiting_ = 0;
  // Of the connections that exist, and perhaps of earlier ones.
  std::vector<std::shared_ptr<const WirePeer>> peers_;
  absl::node_hash_map<HostAddresses::Id, OpeningLimit> limits_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_ORIGIN_H_
