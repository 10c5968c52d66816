#ifndef SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_
#define SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

struct RetryBudgetOptions {
  // Retries that may be made ahead of any success, as after a start; also the most that are saved.
  int burst = 50;
  // Retries that each successful attempt earns. With both defaults retries add at most a fifth to
  // 600 calls, a minute of 10 a second, and less to more.
  double per_success = 0.1;
};

// How many retries all calls of one participant may make: those that its successes have earned, so
// that retries cannot multiply an outage. Starts full. Thread-safe; a short lock.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options);

  // An attempt has succeeded.
  void Earn();

  // Takes one retry; false where there is none, and then the retry may not be made.
  bool Spend();

  // In retries.
  double available() const;

 private:
  // In thousandths of a retry: ten times 0.1 is one retry, which it is not in binary fractions.
  const int64_t burst_;
  const int64_t per_success_;
  mutable absl::Mutex mutex_;
  int64_t available_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_
