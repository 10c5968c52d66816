// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_STOP_SIGNAL_H_
#define TESTS_BENCH_STOP_SIGNAL_H_

namespace uid2::bench {

// Blocks SIGTERM and SIGINT in this thread and in threads that it creates later. Returns a file
// descriptor that becomes readable when one of them arrives. Call it before creating any thread.
int StopSignal();

}  // namespace uid2::bench

#endif  // TESTS_BENCH_STOP_SIGNAL_H_
