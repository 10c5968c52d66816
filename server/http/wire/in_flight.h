// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_IN_FLIGHT_H_
#define SERVER_HTTP_WIRE_IN_FLIGHT_H_

#include <cstddef>
#include <vector>

#include "server/http/wire/exchange.h"

namespace uid2 {

// The exchanges that have not ended, each with the time at which it may have to. Uses nothing of an
// exchange but its position. Not thread-safe.
class InFlight {
 public:
  using TimePoint = Exchange::TimePoint;

  void Add(Exchange& exchange, TimePoint limit);
  void Remove(Exchange& exchange);
  void SetLimit(const Exchange& exchange, TimePoint limit);

  // Those whose limit has come.
  std::vector<Exchange*> Due(TimePoint now) const;
  std::vector<Exchange*> All() const { return Due(TimePoint::max()); }

  // The earliest limit that is after `now`; max() if there is none.
  TimePoint NextLimit(TimePoint now) const;

 private:
  struct Entry {
    TimePoint limit;
    Exchange* exchange;
  };

  std::vector<Entry> entries_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_IN_FLIGHT_H_
