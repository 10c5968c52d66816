#include "server/operator/resilience/retry_policy.h"

#include <algorithm>

namespace uid2 {
namespace {

RetryStep Stop(absl::string_view why) { return {false, absl::ZeroDuration(), why}; }

RetryStep AgainAfter(absl::Duration wait) { return {true, wait, ""}; }

// Why the failure is one that another attempt cannot mend; empty where it can.
absl::string_view WhyHopeless(const FailedAttempts& failed, bool elsewhere) {
  switch (failed.last) {
    case FailureKind::kUnreachable:
    case FailureKind::kTimeout:
    case FailureKind::kTooManyRequests:
    case FailureKind::kUnavailable:
    case FailureKind::kGateway:
      return "";
    case FailureKind::kServerError:
      return failed.server_errors > 1 ? "it says so again" : "";
    case FailureKind::kStampRefused:
      return failed.refused_stamps > 1 ? "another time stamp did not help" : "";
    case FailureKind::kCertificate:
      return elsewhere ? "" : "somebody has to mend the certificates";
    case FailureKind::kSuspended:
      return "calls to the operator are suspended, as it fails most of them";
    case FailureKind::kOther:
    case FailureKind::kOtherServerError:
      break;
  }
  return "another would end the same";
}

bool IsOverload(FailureKind kind) {
  return kind == FailureKind::kTooManyRequests || kind == FailureKind::kUnavailable;
}

}  // namespace

RetryStep DecideRetry(const RetryOptions& options, const FailedAttempts& failed,
                      absl::Duration time_left, bool elsewhere, double draw) {
  const absl::string_view hopeless = WhyHopeless(failed, elsewhere);
  if (!hopeless.empty()) return Stop(hopeless);
  if (failed.count >= options.max_attempts) return Stop("no more are made");
  const absl::Duration longest_wait = time_left - options.least_time;
  if (longest_wait < absl::ZeroDuration()) return Stop("too little time is left for another");
  if (elsewhere || failed.last == FailureKind::kStampRefused) {
    return AgainAfter(absl::ZeroDuration());
  }
  if (failed.retry_after.has_value()) {
    if (*failed.retry_after > longest_wait) {
      return Stop("the operator asks to wait for longer than the call may take");
    }
    // Not all at the same moment: whoever else was told the same comes back then as well.
    return AgainAfter(std::min(*failed.retry_after + draw * options.base_delay, longest_wait));
  }
  absl::Duration most = IsOverload(failed.last) ? options.overload_delay : options.base_delay;
  for (int i = 1; i < failed.count && most < options.longest_delay; ++i) most *= 2;
  return AgainAfter(draw * std::min({most, options.longest_delay, longest_wait}));
}

}  // namespace uid2
