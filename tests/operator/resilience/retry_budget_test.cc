// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/retry_budget.h"

#include <atomic>
#include <deque>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Combine;
using ::testing::DoubleEq;
using ::testing::Eq;
using ::testing::Le;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::Values;
using ::testing::ValuesIn;

// How many of the `wanted` retries it grants.
int SpendUpTo(RetryBudget& budget, int wanted) {
  int granted = 0;
  for (int i = 0; i < wanted; ++i) granted += budget.Spend() ? 1 : 0;
  return granted;
}

struct BudgetCase {
  std::string name;
  RetryBudgetOptions options;
  int spent;
  int successes;
  // After the successes.
  int granted;
};

class RetryBudgetCaseTest : public TestWithParam<BudgetCase> {};

TEST_P(RetryBudgetCaseTest, GrantsTheRetriesItHas) {
  RetryBudget budget(GetParam().options);
  EXPECT_THAT(SpendUpTo(budget, GetParam().spent), Eq(GetParam().spent));
  for (int i = 0; i < GetParam().successes; ++i) budget.Earn();
  EXPECT_THAT(SpendUpTo(budget, 1000), Eq(GetParam().granted));
}

const BudgetCase kBudgetCases[] = {
    {"StartsFull", {}, 0, 0, 50},
    {"IsUsedUp", {}, 50, 0, 0},
    {"NineSuccessesEarnNoRetry", {}, 50, 9, 0},
    {"TenSuccessesEarnARetry", {}, 50, 10, 1},
    {"NoMoreIsSavedThanTheBurst", {}, 0, 1000, 50},
    {"FillsUpToTheBurst", {}, 50, 1000, 50},
    {"EverySuccessEarnsARetry", {.max_tokens = 5, .token_ratio = 1}, 5, 3, 3},
    {"NothingIsEarned", {.max_tokens = 5, .token_ratio = 0}, 5, 1000, 0},
    {"NoRetriesAtAll", {.max_tokens = 0, .token_ratio = 1}, 0, 1000, 0},
};

INSTANTIATE_TEST_SUITE_P(All, RetryBudgetCaseTest, ValuesIn(kBudgetCases),
                         [](const TestParamInfo<BudgetCase>& tested) { return tested.param.name; });

TEST(RetryBudgetTest, ReportsHowManyRetriesItHas) {
  RetryBudget budget({.max_tokens = 2, .token_ratio = 0.1});
  EXPECT_THAT(budget.available(), DoubleEq(2));
  EXPECT_TRUE(budget.Spend());
  EXPECT_TRUE(budget.Spend());
  for (int i = 0; i < 3; ++i) budget.Earn();
  EXPECT_THAT(budget.available(), DoubleEq(0.3));
  budget.Return();
  EXPECT_THAT(budget.available(), DoubleEq(1.3));
  budget.Return();
  EXPECT_THAT(budget.available(), DoubleEq(2));
}

TEST(RetryBudgetTest, ConcurrentThreadsGetNoMoreThanTheBudget) {
  RetryBudget budget({.max_tokens = 1000, .token_ratio = 0.5});
  std::atomic<int> granted = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        granted += budget.Spend() ? 1 : 0;
        if (i % 2 == 0) budget.Earn();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // How many successes come while the budget is full, and so earn nothing, depends on the threads.
  EXPECT_THAT(granted.load(), Le(1000 + 4 * 500 / 2));
  EXPECT_THAT(granted + SpendUpTo(budget, 5000), Le(1000 + 4 * 500 / 2));
  EXPECT_THAT(budget.available(), DoubleEq(0));
}

// Three minutes of calls at a fixed rate. After a healthy first minute, a fixed share of the
// attempts fails.
class RetryBudgetLoadTest : public TestWithParam<std::tuple<int, int>> {};

TEST_P(RetryBudgetLoadTest, RetriesAddAtMostAFifthInAnyMinute) {
  const auto [calls_per_second, failing_percent] = GetParam();
  constexpr int kSeconds = 180;
  RetryBudget budget({});
  std::mt19937_64 random(1);
  std::bernoulli_distribution fails(failing_percent / 100.0);
  std::deque<int> attempts_of_seconds;
  int attempts_of_minute = 0;
  int most = 0;
  for (int second = 0; second < kSeconds; ++second) {
    int attempts = 0;
    for (int call = 0; call < calls_per_second; ++call) {
      for (int attempt = 1; attempt <= 3; ++attempt) {
        if (attempt > 1 && !budget.Spend()) break;
        ++attempts;
        if (second >= 60 && fails(random)) continue;
        budget.Earn();
        break;
      }
    }
    attempts_of_seconds.push_back(attempts);
    attempts_of_minute += attempts;
    if (attempts_of_seconds.size() > 60) {
      attempts_of_minute -= attempts_of_seconds.front();
      attempts_of_seconds.pop_front();
    }
    most = std::max(most, attempts_of_minute);
  }
  EXPECT_THAT(most, Le(1.2 * 60 * calls_per_second));
  RecordProperty("most_percent", 100 * most / (60 * calls_per_second));
}

INSTANTIATE_TEST_SUITE_P(All, RetryBudgetLoadTest,
                         Combine(Values(10, 100, 500),
                                 Values(0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)),
                         [](const TestParamInfo<std::tuple<int, int>>& tested) {
                           return "CallsASecond" + std::to_string(std::get<0>(tested.param)) +
                                  "FailingPercent" + std::to_string(std::get<1>(tested.param));
                         });

}  // namespace
}  // namespace uid2
