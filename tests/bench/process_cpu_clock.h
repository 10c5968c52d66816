// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_PROCESS_CPU_CLOCK_H_
#define TESTS_BENCH_PROCESS_CPU_CLOCK_H_

#include <sys/types.h>

#include <chrono>
#include <ctime>

namespace uid2::bench {

// The user and system time of all threads of a process, in nanoseconds. /proc/PID/stat reports it
// in hundredths of a second, which is too coarse for a measurement of one second. Copyable.
class ProcessCpuClock {
 public:
  // If `pid` is 0, measures this process. The process must exist.
  explicit ProcessCpuClock(pid_t pid);

  // The process must not have been reaped.
  std::chrono::nanoseconds Now() const;

 private:
  clockid_t clock_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_PROCESS_CPU_CLOCK_H_
