// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_CLOCK_H_
#define SERVER_CALL_CLOCK_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// Civil time, which stamps envelopes and judges freshness. May jump when a clock is set.
// Thread-safe.
class CivilClock {
 public:
  virtual ~CivilClock() = default;

  virtual absl::Time Now() const = 0;
};

// Where this host's time comes from, so that tests decide what time it is. Thread-safe.
class Clock : public CivilClock {
 public:
  // For durations and deadlines; never jumps. Stands still while the machine is suspended.
  virtual CallContext::TimePoint Steady() const = 0;

  // Time since some fixed moment; never jumps, and continues while the machine is suspended.
  virtual absl::Duration SinceBoot() const = 0;
};

}  // namespace uid2

#endif  // SERVER_CALL_CLOCK_H_
