#ifndef SERVER_RPC_ADMISSION_H_
#define SERVER_RPC_ADMISSION_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/status/reason.h"

namespace uid2 {

struct AdmissionOptions {
  // Calls that may be inside at one time. At least 1.
  int max_calls = 2048;
  // How much of that one caller may have, above 0 and at most 1; always at least one call.
  double max_caller_share = 1;
};

// Decides at the door whether a call may come in, and knows how many are inside, in all and of
// each caller that has any. There is no queue: the answer is immediate. Thread-safe.
class Admission {
 public:
  explicit Admission(const AdmissionOptions& options);

  // OK, and the call owes a Leave() with the same name; or why it may not come in: DRAINING,
  // OVERLOADED, CALLER_LIMIT. Each says when to try again; the last two at random, from 100 to 500
  // ms, so that those who were refused do not come back together. `caller` is who authentication
  // says that it is; empty where nobody is asked.
  absl::Status Enter(absl::string_view caller);
  void Leave(absl::string_view caller);

  // From now on nobody comes in.
  void Close();

  // Whether everybody had left before `timeout` was over.
  bool AwaitEmpty(absl::Duration timeout);

  int calls_in_flight() const;
  // How many calls have come in since it began, and how many were turned away.
  int64_t admitted() const;
  int64_t refused() const;
  // How many callers these are of.
  size_t callers() const;

 private:
  struct Decision {
    // Unspecified: the call is in.
    Reason refusal = identity::v1::ERROR_REASON_UNSPECIFIED;
    absl::Duration wait;
  };
  Decision Decide(absl::string_view caller) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration RandomWait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int max_calls_;
  const int max_calls_of_caller_;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t admitted_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  // Only callers who are inside: it grows with calls in flight, not with callers ever seen.
  absl::flat_hash_map<std::string, int> calls_of_caller_ ABSL_GUARDED_BY(mutex_);
  absl::InsecureBitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_ADMISSION_H_
