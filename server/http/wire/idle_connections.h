// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_IDLE_CONNECTIONS_H_
#define SERVER_HTTP_WIRE_IDLE_CONNECTIONS_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "server/call/call_context.h"
#include "server/http/resolver/host_addresses.h"

namespace uid2 {

class Connection;

// The idle connections of one origin. Does not use the connections themselves. Not thread-safe.
class IdleConnections {
 public:
  using TimePoint = CallContext::TimePoint;

  struct Idle {
    Connection* connection;
    HostAddresses::Id address;
    // It must not carry a request that begins at this time or later.
    TimePoint usable_until;
    // When the peer has last sent something.
    TimePoint heard_at;
  };

  bool empty() const { return idle_.empty(); }

  // The one that has been idle for longest; there must be one.
  const Idle& oldest() const { return idle_.front(); }

  void Add(const Idle& idle) { idle_.push_back(idle); }

  // Removes and returns the usable connection to `address` that was used last, because its memory
  // is most likely in the CPU's cache, and the others get old and are closed. Null if there is
  // none.
  Connection* Take(HostAddresses::Id address, TimePoint now);

  bool Has(HostAddresses::Id address, TimePoint now) const;

  // Removes one connection. Returns false if it is not here.
  bool Remove(const Connection& connection);

  // Removes those for which `condition` holds, and appends them to `removed`.
  void RemoveIf(absl::FunctionRef<bool(const Idle&)> condition, std::vector<Connection*>& removed);

  // The earliest usable_until; max() if there are no connections.
  TimePoint next_end() const;

 private:
  // In the order in which they have become idle.
  std::vector<Idle> idle_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_IDLE_CONNECTIONS_H_
