// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_CLOCK_H_
#define SERVER_CALL_CLOCK_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// Civil time, which is used for the timestamps of envelopes and for freshness. May jump when a
// clock is set. Thread-safe.
class CivilClock {
 public:
  virtual ~CivilClock() = default;

  virtual absl::Time Now() const = 0;
};

// The source of this host's time, which tests replace. Thread-safe.
class Clock : public CivilClock {
 public:
  // For durations and deadlines. Never jumps; stops while the machine is suspended.
  virtual CallContext::TimePoint Steady() const = 0;

  // The time since some fixed moment. Never jumps; continues while the machine is suspended.
  virtual absl::Duration SinceBoot() const = 0;
};

}  // namespace uid2

#endif  // SERVER_CALL_CLOCK_H_
