#ifndef SERVER_CALL_CLOCK_H_
#define SERVER_CALL_CLOCK_H_

#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// Where time comes from, so that tests decide what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Civil time: stamps envelopes and judges freshness. May jump when the system's clock is set.
  virtual absl::Time Now() const = 0;

  // For measuring and bounding; never jumps. Stands still while the machine is suspended.
  virtual CallContext::TimePoint Steady() const = 0;

  // Time since some fixed moment; never jumps, and goes on while the machine is suspended.
  virtual absl::Duration SinceBoot() const = 0;
};

}  // namespace uid2

#endif  // SERVER_CALL_CLOCK_H_
