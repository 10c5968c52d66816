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

// Relaxed, because nothing else is read or written in consequence.

void RetryBudget::Earn() { Add(token_ratio_); }

void RetryBudget::Return() { Add(kOneRetry); }

void RetryBudget::Add(int64_t amount) {
  int64_t before = available_.load(std::memory_order_relaxed);
  // Usually the budget is full.
  while (before < max_tokens_ &&
         !available_.compare_exchange_weak(before, std::min(before + amount, max_tokens_),
                                           std::memory_order_relaxed)) {
  }
}

bool RetryBudget::Spend() {
  int64_t before = available_.load(std::memory_order_relaxed);
  while (before >= kOneRetry) {
    if (available_.compare_exchange_weak(before, before - kOneRetry, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

double RetryBudget::available() const {
  return static_cast<double>(available_.load(std::memory_order_relaxed)) / kOneRetry;
}

}  // namespace uid2
