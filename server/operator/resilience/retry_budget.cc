#include "server/operator/resilience/retry_budget.h"

#include <algorithm>
#include <cmath>

namespace uid2 {
namespace {

constexpr int64_t kOneRetry = 1000;

}  // namespace

RetryBudget::RetryBudget(const RetryBudgetOptions& options)
    : burst_(options.burst * kOneRetry),
      per_success_(std::llround(options.per_success * kOneRetry)),
      available_(burst_) {}

void RetryBudget::Earn() {
  absl::MutexLock lock(&mutex_);
  available_ = std::min(available_ + per_success_, burst_);
}

bool RetryBudget::Spend() {
  absl::MutexLock lock(&mutex_);
  if (available_ < kOneRetry) return false;
  available_ -= kOneRetry;
  return true;
}

double RetryBudget::available() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<double>(available_) / kOneRetry;
}

}  // namespace uid2
