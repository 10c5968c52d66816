// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_ADMISSION_H_
#define SERVER_RPC_ADMISSION_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/rpc/monotonic_notification.h"
#include "server/status/reason.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

struct AdmissionOptions {
  // Calls that may be in flight at one time. At least 1.
  int max_calls = 2048;
  // The share of them that one caller may have, above 0 and at most 1; always at least one call.
  double max_caller_share = 1;
};

// Decides whether a call is admitted, and counts those in flight, in all and by caller. Calls are
// never queued: the answer is immediate. Thread-safe.
class Admission {
 public:
  explicit Admission(const AdmissionOptions& options, const AdmissionMetrics& metrics = {});

  // OK, and the call owes a Leave() with the same caller; or why it is refused: DRAINING,
  // OVERLOADED, CALLER_LIMIT. Each error says when to try again. For the last two that is a random
  // time from 100 to 500 ms, so that refused callers do not all come back together. `caller` is the
  // authenticated caller; empty if callers are not authenticated.
  absl::Status Enter(absl::string_view caller);
  void Leave(absl::string_view caller);

  // From now on every call is refused.
  void Close();

  // Returns whether, `timeout` from now at the latest, no call is in flight. Close() first.
  bool AwaitEmpty(absl::Duration timeout);

  int calls_in_flight() const;
  // How many callers have calls in flight.
  size_t callers() const;

 private:
  struct Decision {
    // Unspecified: the call is admitted.
    Reason refusal = identity::v1::ERROR_REASON_UNSPECIFIED;
    absl::Duration wait;
  };
  Decision Decide(absl::string_view caller) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration RandomWait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int max_calls_;
  const int max_calls_of_caller_;
  const AdmissionMetrics metrics_;
  // Notified once the last call has left after Close(): there cannot be another one.
  MonotonicNotification emptied_;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  // Only callers with calls in flight, so that it does not grow with every caller ever seen.
  absl::flat_hash_map<std::string, int> calls_of_caller_ ABSL_GUARDED_BY(mutex_);
  absl::InsecureBitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_ADMISSION_H_
