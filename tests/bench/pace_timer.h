#ifndef TESTS_BENCH_PACE_TIMER_H_
#define TESTS_BENCH_PACE_TIMER_H_

#include <cstdint>

namespace uid2::bench {

// A timer of the kernel's that expires evenly, `rate` times a second, from now on.
class PaceTimer {
 public:
  // `rate` is positive.
  explicit PaceTimer(double rate);
  ~PaceTimer();

  PaceTimer(const PaceTimer&) = delete;
  PaceTimer& operator=(const PaceTimer&) = delete;

  // Readable while Wait() would return at once.
  int descriptor() const { return descriptor_; }

  // Waits for the next expiration; returns how many there were since the last call: more than one
  // after a late wake-up.
  int64_t Wait();

 private:
  const int descriptor_;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_PACE_TIMER_H_
