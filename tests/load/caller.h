#ifndef TESTS_LOAD_CALLER_H_
#define TESTS_LOAD_CALLER_H_

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2::load {

// Of each call that begins, until they are changed. Shares are from 0 to 1.
struct Mix {
  // RefreshIdentity instead of GenerateIdentity, of identities that were issued here.
  double refresh = 0;
  // Of the refreshes, those that all ask for one and the same identity.
  double same = 0;
  // Calls that their caller cancels within 200 ms, and those with a deadline of 1 to 300 ms.
  double cancel = 0;
  double hasty = 0;
  // Deadline of all others.
  std::chrono::milliseconds deadline{8000};
};

// Callers of an IdentityService, with as many calls under way as there happen to be. Prints a line
// a call that has ended:
//
//   BEGAN_US LATE_US TOOK_US METHOD MANNER ANSWER
//
// BEGAN_US by CLOCK_MONOTONIC; LATE_US behind the time at which the call was due; METHOD
// "generate" or "refresh"; MANNER "plain", "cancel" or "hasty"; ANSWER as AnswerOf() says.
class Caller {
 public:
  using Clock = std::chrono::steady_clock;

  // `addresses`: the server's replicas, HOST:PORT,HOST:PORT; calls take turns on those whose health
  // is SERVING. Each of `channels` connects by itself, and has connected when this returns. Of
  // `participants` each call names the next.
  Caller(const std::string& addresses, int channels, std::vector<std::string> participants,
         uint64_t seed);
  ~Caller();

  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // The following three are for one thread.
  void Begin(const Mix& mix, Clock::time_point due);
  // Cancels the calls whose time for that has come.
  void CancelDue();
  // No call begins any more: RunAnswers() returns when the last has ended.
  void End();

  // Takes the answers, on a thread of its own.
  void RunAnswers();

  uint64_t begun() const { return begun_; }
  uint64_t answered() const { return answered_; }

 private:
  struct Call;
  struct GenerateCall;
  struct RefreshCall;
  struct Cancellation {
    Clock::time_point time;
    uint64_t number;
    bool operator>(const Cancellation& other) const { return time > other.time; }
  };

  // A participant's, to be refreshed in turn, so that no two calls at a time ask for one.
  struct Identities {
    std::vector<std::string> json;
    size_t next = 0;
  };

  std::unique_ptr<Call> MakeCall(const Mix& mix, const std::string& participant);
  bool Draw(double share);
  // Empty where none is known yet.
  std::string IdentityToRefresh(const std::string& participant, bool same);
  void Keep(const std::string& participant, const std::string& identity_json);
  void Print(const Call& call, absl::string_view answer) const;

  const std::vector<std::string> participants_;
  std::vector<std::unique_ptr<identity::v1::IdentityService::Stub>> stubs_;
  grpc::CompletionQueue queue_;
  std::mt19937_64 random_;
  uint64_t begun_ = 0;
  std::atomic<uint64_t> answered_ = 0;
  std::priority_queue<Cancellation, std::vector<Cancellation>, std::greater<Cancellation>>
      cancellations_;

  absl::Mutex mutex_;
  std::unordered_map<uint64_t, std::unique_ptr<Call>> under_way_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Identities> identities_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2::load

#endif  // TESTS_LOAD_CALLER_H_
