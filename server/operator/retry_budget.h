#ifndef SERVER_OPERATOR_RETRY_BUDGET_H_
#define SERVER_OPERATOR_RETRY_BUDGET_H_

namespace uid2 {

struct RetryBudgetOptions {
  // Retries that may be made ahead of any success, as after a start; also the most that are saved.
  int burst = 50;
  // Retries that each successful attempt earns. With both defaults retries add at most a fifth to
  // 600 calls, a minute of 10 a second, and less to more.
  double per_success = 0.1;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RETRY_BUDGET_H_
