// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_
#define SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace uid2 {

struct RetryBudgetOptions {
  // The size of the budget, which starts full.
  int max_tokens = 50;
  // The retries that each successful attempt earns. With both defaults, retries add at most a fifth
  // to the first 600 calls (a minute at 10 calls a second), and less after that.
  double token_ratio = 0.1;
};

// Limits the retries of all calls of one participant to those that successful attempts have earned,
// so that retries cannot amplify an outage. Starts full. Thread-safe; never blocks.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options);

  // Call this after a successful attempt.
  void Earn();

  // Takes one retry from the budget. Returns false if there is none: do not retry.
  bool Spend();

  // Puts a retry back that was taken and not made.
  void Return();

  // The available retries.
  double available() const;

 private:
  void Add(int64_t amount);

  // In thousandths of a retry, because in binary floating point, ten times 0.1 is not exactly 1.
  const int64_t max_tokens_;
  const int64_t token_ratio_;
  std::atomic<int64_t> available_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRY_BUDGET_H_
