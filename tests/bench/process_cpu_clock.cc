// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/process_cpu_clock.h"

#include "tests/bench/check.h"

namespace uid2::bench {

ProcessCpuClock::ProcessCpuClock(pid_t pid) {
  Check(clock_getcpuclockid(pid, &clock_) == 0, "no process with this pid");
}

std::chrono::nanoseconds ProcessCpuClock::Now() const {
  timespec now;
  CheckCall(clock_gettime(clock_, &now), "cannot read the CPU clock of the measured process");
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace uid2::bench
