// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/idle_connections.h"

#include <algorithm>

namespace uid2 {

Connection* IdleConnections::Take(HostAddresses::Id address, TimePoint now) {
  for (size_t i = idle_.size(); i-- > 0;) {
    const Idle& idle = idle_[i];
    if (idle.address != address || now >= idle.usable_until) continue;
    Connection* const connection = idle.connection;
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    return connection;
  }
  return nullptr;
}

bool IdleConnections::Has(HostAddresses::Id address, TimePoint now) const {
  return std::any_of(idle_.begin(), idle_.end(), [&](const Idle& idle) {
    return idle.address == address && now < idle.usable_until;
  });
}

bool IdleConnections::Remove(const Connection& connection) {
  return std::erase_if(idle_, [&](const Idle& idle) { return idle.connection == &connection; }) > 0;
}

void IdleConnections::RemoveIf(absl::FunctionRef<bool(const Idle&)> condition,
                               std::vector<Connection*>& removed) {
  std::erase_if(idle_, [&](const Idle& idle) {
    if (!condition(idle)) return false;
    removed.push_back(idle.connection);
    return true;
  });
}

IdleConnections::TimePoint IdleConnections::next_end() const {
  TimePoint next = TimePoint::max();
  for (const Idle& idle : idle_) next = std::min(next, idle.usable_until);
  return next;
}

}  // namespace uid2
