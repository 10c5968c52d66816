// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_SYSTEM_CLOCK_H_
#define SERVER_CALL_SYSTEM_CLOCK_H_

#include <time.h>

#include <chrono>

#include "absl/time/clock.h"
#include "server/call/clock.h"

namespace uid2 {

// The machine's clocks.
class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  CallContext::TimePoint Steady() const override { return std::chrono::steady_clock::now(); }
  absl::Duration SinceBoot() const override {
    timespec time;
    // Fails only if the kernel does not have the clock; it has this one since version 2.6.39.
    (void)clock_gettime(CLOCK_BOOTTIME, &time);
    return absl::DurationFromTimespec(time);
  }
};

}  // namespace uid2

#endif  // SERVER_CALL_SYSTEM_CLOCK_H_
