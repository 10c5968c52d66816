#ifndef TESTS_BENCH_CALL_LOAD_H_
#define TESTS_BENCH_CALL_LOAD_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/measurement.h"

namespace uid2::bench {

struct CallLoadOptions {
  // HOST:PORT.
  std::string target;
  // Connections; calls take turns on them.
  int channels = 1;
  // Closed loop: calls under way at any time. Open loop: the most there may be.
  int in_flight = 1;
  // Of one call.
  std::chrono::milliseconds deadline{10000};
};

// Calls GenerateIdentity over and over, each time for another email, with gRPC's completion
// queue and bytes in place of messages, so that the load costs less than what it loads.
class CallLoad {
 public:
  explicit CallLoad(const CallLoadOptions& options);
  ~CallLoad();

  CallLoad(const CallLoad&) = delete;
  CallLoad& operator=(const CallLoad&) = delete;

  // Keeps options.in_flight calls under way until `measurement` is over.
  void RunClosed(Measurement& measurement);

  // Begins `rate` calls a second, evenly, however the earlier ones fare. A second thread sleeps
  // from one to the next; after a late wake-up it makes up for those that have fallen due.
  void RunOpen(double rate, Measurement& measurement);

 private:
  struct Call;

  void Begin(Call& call);
  static void End(Call& call, Measurement& measurement);
  void Pace(double rate, Measurement::Clock::time_point end);
  // Null, and counted as missed, where as many calls as there may be are under way.
  Call* TakeIdle();
  size_t UnderWay();

  const CallLoadOptions options_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Call>> calls_;
  // Calls are begun by one thread: the caller's of RunClosed(), the pacing one of RunOpen().
  uint64_t begun_ = 0;

  absl::Mutex mutex_;
  std::vector<Call*> idle_ ABSL_GUARDED_BY(mutex_);
  int64_t missed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CALL_LOAD_H_
