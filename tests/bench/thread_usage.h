// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_THREAD_USAGE_H_
#define TESTS_BENCH_THREAD_USAGE_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace uid2::bench {

// What threads of one name have used since they began.
struct ThreadUsage {
  std::chrono::nanoseconds cpu{};
  // How often they gave up their core to wait.
  int64_t voluntary_switches = 0;
};

// The usage of a process's threads, by name. A thread that ends takes its usage with it.
using ThreadUsages = std::map<std::string, ThreadUsage>;

// Reads the usage of a process of this machine from /proc; 0 is this process. Empty if it has
// ended.
ThreadUsages ReadThreadUsages(pid_t pid);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_THREAD_USAGE_H_
