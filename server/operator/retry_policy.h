#ifndef SERVER_OPERATOR_RETRY_POLICY_H_
#define SERVER_OPERATOR_RETRY_POLICY_H_

#include "absl/time/time.h"

namespace uid2 {

struct RetryOptions {
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

}  // namespace uid2

#endif  // SERVER_OPERATOR_RETRY_POLICY_H_
