// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_TIMERS_H_
#define SERVER_CALL_TIMERS_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "server/call/call_context.h"

namespace uid2 {

// Runs things later, on a thread of its own. Thread-safe.
class Timers {
 public:
  using TimePoint = CallContext::TimePoint;
  using Action = absl::AnyInvocable<void() &&>;
  using Id = uint64_t;

  virtual ~Timers() = default;

  // Runs `action` at `time` or soon after, never inside this call. It must not block. Actions that
  // still wait when the timers end are dropped.
  virtual Id Schedule(TimePoint time, Action action) = 0;

  // True: the action will not run, and has been destroyed. False: it has run, or is about to, or
  // is running now.
  virtual bool Cancel(Id id) = 0;
};

}  // namespace uid2

#endif  // SERVER_CALL_TIMERS_H_
