#ifndef TESTS_BENCH_STOP_SIGNAL_H_
#define TESTS_BENCH_STOP_SIGNAL_H_

namespace uid2::bench {

// Blocks SIGTERM and SIGINT in this thread and those that it will make, and returns a file
// descriptor that becomes readable when one arrives. Call it before the first thread is made.
int StopSignal();

}  // namespace uid2::bench

#endif  // TESTS_BENCH_STOP_SIGNAL_H_
