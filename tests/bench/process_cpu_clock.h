#ifndef TESTS_BENCH_PROCESS_CPU_CLOCK_H_
#define TESTS_BENCH_PROCESS_CPU_CLOCK_H_

#include <sys/types.h>

#include <chrono>
#include <ctime>

namespace uid2::bench {

// User and system time of one process, all its threads, to the nanosecond. /proc/PID/stat says
// the same in hundredths of a second, too coarse for a second's worth of calls. Copyable.
class ProcessCpuClock {
 public:
  // `pid` 0 is this process. The process must exist.
  explicit ProcessCpuClock(pid_t pid);

  // The process must not have been reaped.
  std::chrono::nanoseconds Now() const;

 private:
  clockid_t clock_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_PROCESS_CPU_CLOCK_H_
