// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/pace_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

PaceTimer::PaceTimer(double rate)
    : descriptor_(CheckCall(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create")),
      interval_(static_cast<int64_t>(static_cast<double>(kNanosPerSecond) / rate)),
      began_(std::chrono::steady_clock::now()) {
  const int64_t interval = interval_.count();
  const timespec time{interval / kNanosPerSecond, interval % kNanosPerSecond};
  const itimerspec every{time, time};
  CheckCall(timerfd_settime(descriptor_, 0, &every, nullptr), "timerfd_settime");
}

PaceTimer::~PaceTimer() { close(descriptor_); }

int64_t PaceTimer::Wait() {
  uint64_t expirations = 0;
  CheckCall(static_cast<int>(read(descriptor_, &expirations, sizeof(expirations))),
            "read of the timer");
  return static_cast<int64_t>(expirations);
}

}  // namespace uid2::bench
