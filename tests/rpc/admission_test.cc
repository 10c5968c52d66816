// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/admission.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Ne;
using ::testing::SizeIs;

constexpr Reason kAdmitted = identity::v1::ERROR_REASON_UNSPECIFIED;

// How many calls of one caller are admitted before one is refused, and the reason of that refusal.
struct Admitted {
  int calls = 0;
  Reason refusal = kAdmitted;
};

Admitted EnterUntilRefused(Admission& admission, absl::string_view caller, double share = 0.5) {
  Admitted admitted;
  while (admitted.refusal == kAdmitted) {
    admitted.refusal = ReasonOf(admission.Enter(caller, share));
    if (admitted.refusal == kAdmitted) ++admitted.calls;
  }
  return admitted;
}

struct LimitCase {
  const char* name;
  int max_calls;
  double share;
  Admitted first;
  // A second caller that arrives while the first holds its full share.
  Admitted second;
};

class AdmissionLimitTest : public ::testing::TestWithParam<LimitCase> {};

TEST_P(AdmissionLimitTest, ACallerIsHeldToItsShareAndAllCallersToTheBound) {
  const LimitCase& expected = GetParam();
  Admission admission(expected.max_calls);
  const Admitted first = EnterUntilRefused(admission, "first", expected.share);
  EXPECT_THAT(first.calls, Eq(expected.first.calls));
  EXPECT_THAT(first.refusal, Eq(expected.first.refusal));
  const Admitted second = EnterUntilRefused(admission, "second", expected.share);
  EXPECT_THAT(second.calls, Eq(expected.second.calls));
  EXPECT_THAT(second.refusal, Eq(expected.second.refusal));
  EXPECT_THAT(admission.calls_in_flight(), Eq(first.calls + second.calls));
}

INSTANTIATE_TEST_SUITE_P(
    , AdmissionLimitTest,
    ::testing::Values(
        LimitCase{"all", 10, 1, {10, identity::v1::OVERLOADED}, {0, identity::v1::OVERLOADED}},
        LimitCase{"most", 10, 0.7, {7, identity::v1::CALLER_LIMIT}, {3, identity::v1::OVERLOADED}},
        LimitCase{"less_than_half",
                  10,
                  0.3,
                  {3, identity::v1::CALLER_LIMIT},
                  {3, identity::v1::CALLER_LIMIT}},
        LimitCase{"to_the_nearest",
                  100,
                  0.29,
                  {29, identity::v1::CALLER_LIMIT},
                  {29, identity::v1::CALLER_LIMIT}},
        LimitCase{"less_than_one_call",
                  10,
                  0.001,
                  {1, identity::v1::CALLER_LIMIT},
                  {1, identity::v1::CALLER_LIMIT}},
        LimitCase{
            "one_in_all", 1, 0.5, {1, identity::v1::OVERLOADED}, {0, identity::v1::OVERLOADED}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(AdmissionTest, ACallThatLeavesMakesRoomForAnother) {
  Admission admission(4);
  EnterUntilRefused(admission, "web");
  admission.Leave("web");
  EXPECT_THAT(EnterUntilRefused(admission, "web").calls, Eq(1));
}

TEST(AdmissionTest, EachCallerHasItsOwnShare) {
  Admission admission(10);
  EXPECT_THAT(EnterUntilRefused(admission, "first", 0.3).calls, Eq(3));
  EXPECT_THAT(EnterUntilRefused(admission, "second", 0.001).calls, Eq(1));
  const Admitted third = EnterUntilRefused(admission, "third", 1);
  EXPECT_THAT(third.calls, Eq(6));
  EXPECT_THAT(third.refusal, Eq(identity::v1::OVERLOADED));
}

TEST(AdmissionTest, CallersWithoutANameCountAsOne) {
  Admission admission(10);
  const Admitted admitted = EnterUntilRefused(admission, "", 0.7);
  EXPECT_THAT(admitted.calls, Eq(7));
  EXPECT_THAT(admitted.refusal, Eq(identity::v1::CALLER_LIMIT));
}

TEST(AdmissionTest, CallersThatHaveLeftLeaveNothingBehind) {
  Admission admission(2);
  for (int i = 0; i < 1000; ++i) {
    const std::string caller = absl::StrCat("caller ", i);
    ASSERT_TRUE(admission.Enter(caller, 0.5).ok());
    ASSERT_THAT(ReasonOf(admission.Enter(caller, 0.5)), Eq(identity::v1::CALLER_LIMIT));
    admission.Leave(caller);
  }
  EXPECT_THAT(admission.calls_in_flight(), Eq(0));
  EXPECT_THAT(admission.callers(), Eq(0U));
}

TEST(AdmissionTest, RetryDelaysOfRefusedCallsSpreadFrom100To500Ms) {
  Admission admission(2);
  ASSERT_TRUE(admission.Enter("greedy", 0.5).ok());
  std::vector<absl::Duration> waits;
  for (int i = 0; i < 500; ++i) waits.push_back(*RetryAfterOf(admission.Enter("greedy", 0.5)));
  ASSERT_TRUE(admission.Enter("other", 0.5).ok());
  for (int i = 0; i < 500; ++i) waits.push_back(*RetryAfterOf(admission.Enter("third", 0.5)));
  EXPECT_THAT(waits, Each(AllOf(Ge(absl::Milliseconds(100)), Le(absl::Milliseconds(500)))));
  // A thousand random delays leave no tenth of the range empty and cover at least 200 of its 401
  // milliseconds.
  for (int tenth = 0; tenth < 10; ++tenth) {
    const absl::Duration from = absl::Milliseconds(100 + 40 * tenth);
    EXPECT_TRUE(std::any_of(waits.begin(), waits.end(), [from](absl::Duration wait) {
      return wait >= from && wait <= from + absl::Milliseconds(40);
    })) << from;
  }
  EXPECT_THAT(std::set<absl::Duration>(waits.begin(), waits.end()), SizeIs(Ge(200U)));
}

TEST(AdmissionTest, OnceClosedItRefusesEveryCallAsDraining) {
  Admission admission(2);
  ASSERT_TRUE(admission.Enter("first", 0.5).ok());
  admission.Close();
  EXPECT_THAT(ReasonOf(admission.Enter("first", 0.5)), Eq(identity::v1::DRAINING));
  EXPECT_THAT(ReasonOf(admission.Enter("second", 0.5)), Eq(identity::v1::DRAINING));
  EXPECT_THAT(*RetryAfterOf(admission.Enter("first", 0.5)), Eq(absl::Milliseconds(200)));
  admission.Leave("first");
  EXPECT_THAT(admission.calls_in_flight(), Eq(0));
}

TEST(AdmissionTest, ACheckIsRefusedLikeACallAndChangesNothing) {
  Metrics metrics;
  Admission admission(1, AdmissionMetrics::In(metrics));
  EXPECT_TRUE(admission.Check().ok());
  ASSERT_TRUE(admission.Enter("first", 1).ok());
  EXPECT_THAT(ReasonOf(admission.Check()), Eq(identity::v1::OVERLOADED));
  EXPECT_THAT(RetryAfterOf(admission.Check()), Ne(absl::nullopt));
  admission.Leave("first");
  EXPECT_TRUE(admission.Check().ok());
  admission.Close();
  EXPECT_THAT(ReasonOf(admission.Check()), Eq(identity::v1::DRAINING));
  EXPECT_THAT(metrics.Total("shed_total"), Eq(0));
  EXPECT_THAT(admission.calls_in_flight(), Eq(0));
}

TEST(AdmissionTest, CountsCallsInFlightAndRefusalsByReason) {
  Metrics metrics;
  Admission admission(3, AdmissionMetrics::In(metrics));
  EnterUntilRefused(admission, "first", 0.67);
  EnterUntilRefused(admission, "second", 0.67);
  EXPECT_THAT(metrics.Total("calls_in_flight"), Eq(3));
  EXPECT_THAT(metrics.Total("max_calls_in_flight"), Eq(3));
  EXPECT_THAT(metrics.Total("shed_total", "CALLER_LIMIT"), Eq(1));
  EXPECT_THAT(metrics.Total("shed_total", "OVERLOADED"), Eq(1));
  EXPECT_THAT(metrics.Total("shed_total", "DRAINING"), Eq(0));
  admission.Close();
  EnterUntilRefused(admission, "second");
  EXPECT_THAT(metrics.Total("shed_total", "DRAINING"), Eq(1));
  admission.Leave("first");
  EXPECT_THAT(metrics.Total("calls_in_flight"), Eq(2));
}

TEST(AdmissionTest, ManyThreadsNeverExceedTheBoundOrTheirShare) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20000;
  constexpr int kBound = 4;
  Admission admission(kBound);
  const std::vector<std::string> callers = {"a", "b"};
  std::atomic<int> inside = 0;
  std::atomic<int> most_inside = 0;
  std::vector<std::atomic<int>> inside_of(callers.size());
  std::atomic<int> most_of_one = 0;
  std::atomic<int> admitted = 0;
  const auto raise = [](std::atomic<int>& most, int value) {
    int seen = most.load();
    while (seen < value && !most.compare_exchange_weak(seen, value)) {
    }
  };
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, who = thread % callers.size()] {
      for (int round = 0; round < kRounds; ++round) {
        if (!admission.Enter(callers[who], 0.5).ok()) continue;
        ++admitted;
        raise(most_inside, ++inside);
        raise(most_of_one, ++inside_of[who]);
        // An occasional yield, because other processes may use up whole time slices.
        if (round % 256 == 0) std::this_thread::yield();
        --inside_of[who];
        --inside;
        admission.Leave(callers[who]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(most_inside.load(), Le(kBound));
  EXPECT_THAT(most_of_one.load(), Le(kBound / 2));
  EXPECT_THAT(admitted.load(), Ge(kRounds));
  EXPECT_THAT(admission.calls_in_flight(), Eq(0));
  EXPECT_THAT(admission.callers(), Eq(0U));
}

}  // namespace
}  // namespace uid2
