// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/retry_policy.h"

#include <algorithm>

namespace uid2 {
namespace {

RetryDecision Stop(absl::string_view why) { return {false, absl::ZeroDuration(), why}; }

RetryDecision RetryAfter(absl::Duration wait) { return {true, wait, ""}; }

// Returns why no further attempt can succeed, or an empty string if one can.
absl::string_view WhyPermanent(const FailedAttempts& failed, bool can_fail_over) {
  switch (failed.last) {
    case FailureKind::kUnreachable:
    case FailureKind::kTimeout:
    case FailureKind::kTooManyRequests:
    case FailureKind::kUnavailable:
    case FailureKind::kGateway:
      return "";
    case FailureKind::kServerError:
    case FailureKind::kPossiblyProvokedError:
      return failed.server_errors > 1 ? "a retry had the same result" : "";
    case FailureKind::kCredentialsRejected:
      if (failed.rejected_credentials > 1) return "newer credentials were rejected too";
      return failed.has_newer_credentials ? "" : "no newer credentials have been loaded";
    case FailureKind::kTimestampRejected:
      return failed.rejected_timestamps > 1 ? "another timestamp was rejected too" : "";
    case FailureKind::kCertificate:
      return can_fail_over ? "" : "a retry cannot fix certificates";
    case FailureKind::kSuspended:
      return "most calls to the operator are suspended because it fails most of them";
    case FailureKind::kProvokedError:
      return "no operator issues refresh tokens in this form, which may be the cause";
    case FailureKind::kRejected:
    case FailureKind::kOtherServerError:
    case FailureKind::kNotSent:
    case FailureKind::kCancelled:
      break;
  }
  return "a retry would have the same result";
}

bool IsOverload(FailureKind kind) {
  return kind == FailureKind::kTooManyRequests || kind == FailureKind::kUnavailable;
}

}  // namespace

RetryDecision DecideRetry(const RetryOptions& options, const FailedAttempts& failed,
                          absl::Duration time_left, bool can_fail_over, double random_fraction) {
  const absl::string_view permanent = WhyPermanent(failed, can_fail_over);
  if (!permanent.empty()) return Stop(permanent);
  if (failed.count >= options.max_attempts) return Stop("no more are allowed");
  const absl::Duration longest_wait = time_left - options.min_time_left;
  if (longest_wait < absl::ZeroDuration()) return Stop("too little time is left for another");
  if (can_fail_over || failed.last == FailureKind::kTimestampRejected ||
      failed.last == FailureKind::kCredentialsRejected) {
    return RetryAfter(absl::ZeroDuration());
  }
  if (failed.retry_after.has_value()) {
    if (*failed.retry_after > longest_wait) {
      return Stop("the operator asks to wait longer than the call may take");
    }
    // Adds jitter, because all clients that were told the same time would retry at once.
    return RetryAfter(
        std::min(*failed.retry_after + random_fraction * options.initial_backoff, longest_wait));
  }
  absl::Duration limit =
      IsOverload(failed.last) ? options.initial_overload_backoff : options.initial_backoff;
  for (int i = 1; i < failed.count && limit < options.max_backoff; ++i) limit *= 2;
  return RetryAfter(random_fraction * std::min({limit, options.max_backoff, longest_wait}));
}

}  // namespace uid2
