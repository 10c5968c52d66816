// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/retry_budget.h"

#include <algorithm>
#include <cmath>

namespace uid2 {
namespace {

constexpr int64_t kOneRetry = 1000;

}  // namespace

RetryBudget::RetryBudget(const RetryBudgetOptions& options)
    : max_tokens_(options.max_tokens * kOneRetry),
      token_ratio_(std::llround(options.token_ratio * kOneRetry)),
      available_(max_tokens_) {}

void RetryBudget::Earn() {
  absl::MutexLock lock(&mutex_);
  available_ = std::min(available_ + token_ratio_, max_tokens_);
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
