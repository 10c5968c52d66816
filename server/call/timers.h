// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_TIMERS_H_
#define SERVER_CALL_TIMERS_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "server/call/call_context.h"

namespace uid2 {

// Runs actions later, on its own thread. Thread-safe.
class Timers {
 public:
  using TimePoint = CallContext::TimePoint;
  using Action = absl::AnyInvocable<void() &&>;
  using Id = uint64_t;

  virtual ~Timers() = default;

  // Runs `action` at `time` or soon after, never inside this function. It must not block. Actions
  // that have not run when the timers are destroyed are dropped.
  virtual Id Schedule(TimePoint time, Action action) = 0;

  // Returns true if the action will not run and has been destroyed. Returns false if it has run, is
  // running, or is about to run.
  virtual bool Cancel(Id id) = 0;
};

}  // namespace uid2

#endif  // SERVER_CALL_TIMERS_H_
