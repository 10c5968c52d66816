// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_
#define SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/operator/failure_kind.h"

namespace uid2 {

struct RetryOptions {
  // No attempt begins with less time left than this: the operator would do the work, and the
  // answer would come too late.
  absl::Duration min_time_left = absl::Milliseconds(100);
  // All attempts of one call, including the first.
  int max_attempts = 3;
  // The wait before the second attempt is random, between zero and this ("full jitter"). The upper
  // limit doubles before each further attempt.
  absl::Duration initial_backoff = absl::Milliseconds(50);
  // The same if the operator is overloaded (429, 503) and does not say how long to wait.
  absl::Duration initial_overload_backoff = absl::Seconds(1);
  // The longest random wait. A Retry-After may be longer.
  absl::Duration max_backoff = absl::Seconds(1);
};

// The attempts of one call so far, all of which have failed.
struct FailedAttempts {
  int count = 0;
  FailureKind last = FailureKind::kRejected;
  // How long to wait before the next attempt, if the operator has asked for that.
  absl::optional<absl::Duration> retry_after;
  // Among all of them.
  int server_errors = 0;
  int rejected_timestamps = 0;
};

// What to do after a failed attempt.
struct RetryDecision {
  bool retry = false;
  // If `retry`: how long to wait first.
  absl::Duration wait;
  // If not: why, for the final error.
  absl::string_view why;
};

// Whether another attempt can succeed, and when to make it. `time_left` is the call's.
// `can_fail_over`: the next attempt would go to another address, which is healthy as far as we
// know. `random_fraction` is from [0, 1).
//
// These are retried: no connection, no answer, 408, 429, 502, 503 and 504; 500 once, since it may
// be this request that the operator cannot handle; a rejected timestamp once, immediately; a
// certificate that was not accepted, at another address only.
RetryDecision DecideRetry(const RetryOptions& options, const FailedAttempts& failed,
                          absl::Duration time_left, bool can_fail_over, double random_fraction);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_
