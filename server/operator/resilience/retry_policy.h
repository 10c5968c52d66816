#ifndef SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_
#define SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/operator/failure_kind.h"

namespace uid2 {

struct RetryOptions {
  // With less time left than this no attempt is begun: the operator would do the work and nobody
  // would be there for the answer.
  absl::Duration least_time = absl::Milliseconds(100);
  // All attempts at one call, the first included.
  int max_attempts = 3;
  // The wait before the second attempt is drawn between nothing and this ("full jitter"), and
  // between nothing and twice as much before each further one.
  absl::Duration base_delay = absl::Milliseconds(50);
  // The same where the operator has too much to do (429, 503) and does not say how long.
  absl::Duration overload_delay = absl::Seconds(1);
  // No wait is drawn longer than this. A Retry-After may be.
  absl::Duration longest_delay = absl::Seconds(1);
};

// How one call's attempts have gone so far: all have failed.
struct FailedAttempts {
  int count = 0;
  FailureKind last = FailureKind::kOther;
  // What the operator asked for with the last failure.
  absl::optional<absl::Duration> retry_after;
  // Of all of them.
  int server_errors = 0;
  int refused_stamps = 0;
};

// What follows a failed attempt.
struct RetryStep {
  bool again = false;
  // Where `again`: how long to wait before.
  absl::Duration wait;
  // Where not: why, for the final error.
  absl::string_view why;
};

// Whether another attempt can succeed, and when to make it. `time_left` is the call's;
// `elsewhere`: the next attempt would go to another address, which does not rest; `draw` is from
// [0, 1).
//
// What can succeed: connecting, waiting for an answer, 408, 429, 502, 503 and 504, again; 500 once
// more, as it may be the request that the operator cannot digest; a refused time stamp once more,
// at once; certificates elsewhere only.
RetryStep DecideRetry(const RetryOptions& options, const FailedAttempts& failed,
                      absl::Duration time_left, bool elsewhere, double draw);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_
