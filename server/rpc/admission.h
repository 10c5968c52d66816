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
#include "server/status/reason.h"
#include "server/telemetry/admission_metrics.h"

namespace uid2 {

// Decides whether a call is admitted, and counts the calls in flight, in total and for each caller.
// Calls are never queued: the answer is immediate. Thread-safe.
class Admission {
 public:
  // `max_calls` is the maximum number of calls in flight; at least 1.
  explicit Admission(int max_calls, const AdmissionMetrics& metrics = {});

  // If the call is admitted, returns OK, and the call must end with Leave() for the same caller.
  // Otherwise returns DRAINING, OVERLOADED or CALLER_LIMIT, with the time after which to retry. For
  // the last two, that is a random time from 100 to 500 ms, so that refused callers do not all
  // retry at once.
  //
  // `caller` may have up to `max_share` of the maximum number of calls in flight: greater than 0,
  // at most 1, rounded to the nearest call, and always at least one call.
  absl::Status Enter(absl::string_view caller, double max_share);
  void Leave(absl::string_view caller);

  // For work that is short enough not to count as a call: returns OK while there is room for calls,
  // and otherwise DRAINING or OVERLOADED.
  absl::Status Check() const;

  // Refuses every call from now on.
  void Close();
  bool closed() const;

  int calls_in_flight() const;
  // The number of callers that have calls in flight.
  size_t callers() const;

 private:
  struct Decision {
    // Unspecified: the call is admitted.
    Reason refusal = identity::v1::ERROR_REASON_UNSPECIFIED;
    absl::Duration wait;
  };
  Decision Decide(absl::string_view caller, int max_calls_of_caller)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration RandomWait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int max_calls_;
  const AdmissionMetrics metrics_;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  // Contains only callers with calls in flight, so that it does not grow with every caller seen.
  absl::flat_hash_map<std::string, int> calls_of_caller_ ABSL_GUARDED_BY(mutex_);
  absl::InsecureBitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_ADMISSION_H_
