// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/in_flight.h"

#include <algorithm>

namespace uid2 {

void InFlight::Add(Exchange& exchange, TimePoint limit) {
  exchange.set_position(entries_.size());
  entries_.push_back({limit, &exchange});
}

void InFlight::Remove(Exchange& exchange) {
  Entry& place = entries_[exchange.position()];
  place = entries_.back();
  place.exchange->set_position(exchange.position());
  entries_.pop_back();
}

void InFlight::SetLimit(const Exchange& exchange, TimePoint limit) {
  entries_[exchange.position()].limit = limit;
}

std::vector<Exchange*> InFlight::Due(TimePoint now) const {
  std::vector<Exchange*> due;
  for (const Entry& entry : entries_) {
    if (entry.limit <= now) due.push_back(entry.exchange);
  }
  return due;
}

InFlight::TimePoint InFlight::NextLimit(TimePoint now) const {
  TimePoint next = TimePoint::max();
  for (const Entry& entry : entries_) {
    if (entry.limit > now) next = std::min(next, entry.limit);
  }
  return next;
}

}  // namespace uid2
