// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_
#define SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/operator/failure_kind.h"

namespace uid2 {

struct RetryOptions {
  // If less time than this is left, no attempt is made: the operator would do the work, and the
  // answer would arrive too late.
  absl::Duration min_time_left = absl::Milliseconds(100);
  // The maximum number of attempts for one call, including the first.
  int max_attempts = 3;
  // The wait before the second attempt is a random time between zero and this value ("full
  // jitter"). The upper bound doubles with each further attempt.
  absl::Duration initial_backoff = absl::Milliseconds(50);
  // The same if the operator is overloaded (429, 503) and does not say how long to wait.
  absl::Duration initial_overload_backoff = absl::Seconds(1);
  // The longest random wait. A Retry-After may be longer.
  absl::Duration max_backoff = absl::Seconds(1);
};

// The attempts made for one call so far, all of which have failed.
struct FailedAttempts {
  int count = 0;
  FailureKind last = FailureKind::kRejected;
  // How long to wait before the next attempt, if the operator has asked us to.
  absl::optional<absl::Duration> retry_after;
  // The numbers of attempts that failed for these reasons.
  int server_errors = 0;
  int rejected_timestamps = 0;
  int rejected_credentials = 0;
  // Whether the next attempt would use credentials that were loaded after those of the last one.
  bool has_newer_credentials = false;
};

// What to do after a failed attempt.
struct RetryDecision {
  bool retry = false;
  // If `retry` is true: how long to wait first.
  absl::Duration wait;
  // If `retry` is false: the reason, for the final error.
  absl::string_view why;
};

// Decides whether to make another attempt, and when. `time_left` is the time until the call's
// deadline. `can_fail_over` says whether the next attempt would go to another address that is
// healthy as far as we know. `random_fraction` is from [0, 1).
//
// These failures are retried: no connection, no answer, 408, 429, 502, 503 and 504; 500 once,
// because the operator may be unable to handle this request; a rejected timestamp once,
// immediately; rejected credentials once, immediately, if newer ones have been loaded since; and a
// certificate that was not accepted, at another address only.
RetryDecision DecideRetry(const RetryOptions& options, const FailedAttempts& failed,
                          absl::Duration time_left, bool can_fail_over, double random_fraction);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRY_POLICY_H_
