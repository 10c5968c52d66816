// SPDX-License-Identifier: Apache-2.0

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

// The mix of calls to begin. Shares are from 0 to 1.
struct Mix {
  // Share of calls that are RefreshIdentity, for an identity issued to these callers. The others
  // are GenerateIdentity.
  double refresh = 0;
  // Share of refreshes that all refresh the same identity.
  double same = 0;
  // Whether refreshes call the operator although none is due.
  bool force = true;
  // Share of calls that are canceled within 200 ms.
  double cancel = 0;
  // Share of the other calls that have a deadline of 1 to 300 ms.
  double hasty = 0;
  // Deadline of all other calls.
  std::chrono::milliseconds deadline{8000};
};

// Calls an IdentityService, with no limit on the number of calls in flight. Prints one line for
// each call that has ended:
//
//   BEGAN_US LATE_US TOOK_US METHOD MANNER ANSWER
//
// BEGAN_US is a time of CLOCK_MONOTONIC; LATE_US is how late the call began; METHOD is "generate"
// or "refresh"; MANNER is "plain", "cancel", or "hasty"; ANSWER is the result of AnswerOf().
class Caller {
 public:
  using Clock = std::chrono::steady_clock;

  // `target` names the server's replicas, as "ipv4:HOST:PORT,HOST:PORT" or
  // "dns://HOST:PORT/NAME:PORT". Calls are distributed round-robin among those whose health is
  // SERVING; if `plain`, they go to the first that accepts a connection, as with a channel that
  // nobody has configured. `service_config`, unless it is empty, is the JSON of the channels'
  // service config, which then decides about this. Each of the `channels` has its own connections,
  // and is connected when the constructor returns. Calls name the `participants` in turn.
  Caller(const std::string& target, int channels, bool plain, const std::string& service_config,
         std::vector<std::string> participants, uint64_t seed);
  ~Caller();

  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // Begin(), CancelDue(), and End() must be called from the same thread.
  void Begin(const Mix& mix, Clock::time_point due);
  // Cancels the calls that are due for cancellation.
  void CancelDue();
  // Call this after the last Begin(). RunAnswers() then returns when the last call has ended.
  void End();

  // Processes the answers. Run it on a thread of its own.
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

  // The identities of a participant. They are refreshed in turn, so that no two concurrent calls
  // refresh the same one.
  struct Identities {
    std::vector<std::string> json;
    size_t next = 0;
  };

  std::unique_ptr<Call> MakeCall(const Mix& mix, const std::string& participant);
  bool Draw(double share);
  // Returns an empty string if no identity is known yet.
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
