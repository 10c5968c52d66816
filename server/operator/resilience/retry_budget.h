// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_
#define SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

struct RetryBudgetOptions {
  // Retries available at the start, before any success; also the most that can be saved up.
  int max_tokens = 50;
  // Retries that each successful attempt earns. With both defaults, retries add at most a fifth to
  // the first 600 calls (a minute at 10 calls a second), and less after that.
  double token_ratio = 0.1;
};

// Limits the retries of all calls of one participant to those that its successes have earned, so
// that retries cannot amplify an outage. Starts full. Thread-safe; a short lock.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options);

  // After a successful attempt.
  void Earn();

  // Takes one retry. False if none is available: do not retry.
  bool Spend();

  // In retries.
  double available() const;

 private:
  // In thousandths of a retry: ten times 0.1 must be exactly 1, which it is not in binary floating
  // point.
  const int64_t max_tokens_;
  const int64_t token_ratio_;
  mutable absl::Mutex mutex_;
  int64_t available_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_
