// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_CALL_LOAD_H_
#define TESTS_BENCH_CALL_LOAD_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/called_method.h"
#include "tests/bench/measurement.h"

namespace uid2::bench {

struct CallLoadOptions {
  // HOST:PORT.
  std::string target;
  // The folder of the certificates for mTLS; empty for connections that are not encrypted.
  std::string certificates;
  // As MethodNamed() knows it.
  std::string method = "generate";
  // Number of connections. Calls use them in turn.
  int channels = 1;
  // Closed loop: the number of calls in flight at any time. Open loop: the maximum.
  int in_flight = 1;
  // Closed loop: ends after this number of calls, if it comes first.
  uint64_t calls = std::numeric_limits<uint64_t>::max();
  // Deadline of each call.
  std::chrono::milliseconds deadline{10000};
};

// Calls a method repeatedly, each time for a different user. Uses gRPC's completion queue
// and serialized messages, so that generating the load costs less than serving it.
class CallLoad {
 public:
  explicit CallLoad(const CallLoadOptions& options);
  ~CallLoad();

  CallLoad(const CallLoad&) = delete;
  CallLoad& operator=(const CallLoad&) = delete;

  // Keeps options.in_flight calls in flight until `measurement` is over.
  void RunClosed(Measurement& measurement);

  // Begins `rate` calls per second at even intervals, no matter how long earlier calls take. A
  // second thread sleeps between calls; after a late wake-up, it begins all calls that are due.
  // Latencies count from when a call was due.
  void RunOpen(double rate, Measurement& measurement);

 private:
  struct Call;

  void Begin(Call& call, Measurement::Clock::time_point due);
  void End(Call& call, Measurement& measurement);
  void Pace(double rate, Measurement::Clock::time_point end);
  // Returns null, and counts a missed call, if the maximum number of calls is in flight.
  Call* TakeIdle();
  size_t UnderWay();

  const CallLoadOptions options_;
  const CalledMethod& method_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Call>> calls_;
  // One thread begins all calls: the caller of RunClosed(), or the pacing thread of RunOpen().
  uint64_t begun_ = 0;
  // Whether the reason of a failure was printed: those of further failures are mostly the same.
  bool failed_ = false;

  absl::Mutex mutex_;
  std::vector<Call*> idle_ ABSL_GUARDED_BY(mutex_);
  int64_t missed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CALL_LOAD_H_
