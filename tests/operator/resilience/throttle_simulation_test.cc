// SPDX-License-Identifier: Apache-2.0

// Whether the throttle's rule and its default options keep their promises: an operator that is down
// gets few calls but is still probed, and calls succeed again soon after it recovers.

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/operator/resilience/operator_simulation.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::Le;
using ::testing::Lt;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;
using uid2::testing::OperatorSimulation;
using uid2::testing::SimulatedAnswer;
using uid2::testing::SimulatedSecond;

constexpr absl::Duration kMs = absl::Milliseconds(1);

// Scenarios with few calls depend a lot on chance, so they run with this many seeds.
constexpr uint64_t kSeeds = 10;

OperatorSimulation::Operator FailingShare(double share, absl::Duration good, absl::Duration bad) {
  return [=](absl::Duration, double random_fraction) {
    return random_fraction < share ? SimulatedAnswer{false, bad} : SimulatedAnswer{true, good};
  };
}

OperatorSimulation::Operator Well(absl::Duration latency) {
  return FailingShare(0, latency, latency);
}

struct OutageCase {
  std::string name;
  double calls_per_second;
  // How long an answer takes while the operator is healthy, and how long a failure takes while it
  // is not.
  absl::Duration answer;
  absl::Duration failure;
  // The largest share of the calls offered in the last 40 s of a 60 s outage that may be sent.
  double most_load;
  // The longest time from the recovery until 99 % of calls succeed.
  size_t most_seconds;
};

class ThrottleOutageTest : public TestWithParam<OutageCase> {
 protected:
  static constexpr size_t kDown = 15;
  static constexpr size_t kUp = 75;
  static constexpr size_t kEnd = 95;

  static void RunOutage(OperatorSimulation& simulation) {
    simulation.Run(GetParam().calls_per_second, absl::Seconds(kEnd),
                   [](absl::Duration time, double) {
                     const bool well = time < absl::Seconds(kDown) || time >= absl::Seconds(kUp);
                     return SimulatedAnswer{well, well ? GetParam().answer : GetParam().failure};
                   });
  }
};

TEST_P(ThrottleOutageTest, AnOperatorThatIsDownGetsFewCallsAndItsRecoveryIsNoticed) {
  double load = 0;
  size_t slowest = 0;
  const uint64_t seeds = GetParam().calls_per_second > 100 ? 1 : kSeeds;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    OperatorSimulation simulation({}, seed);
    RunOutage(simulation);
    EXPECT_THAT(simulation.Sum(0, kDown).success_share(), Eq(1)) << seed;
    load += simulation.Sum(kDown + 20, kUp).sent_share();
    slowest = std::max(slowest, simulation.SecondsToSuccess(kUp, 0.99));
  }
  load /= static_cast<double>(seeds);
  EXPECT_THAT(load, Le(GetParam().most_load));
  EXPECT_THAT(slowest, Le(GetParam().most_seconds));
  RecordProperty("load_share", std::to_string(load));
  RecordProperty("slowest_recovery_seconds", static_cast<int>(slowest));
}

TEST_P(ThrottleOutageTest, ProbesNeverStop) {
  // With this few calls a second, there is not a probe in every second.
  const size_t span = GetParam().calls_per_second >= 500 ? 1 : 10;
  OperatorSimulation simulation({}, /*seed=*/0);
  RunOutage(simulation);
  for (size_t second = kDown; second + span <= kUp; ++second) {
    EXPECT_THAT(simulation.Sum(second, second + span).sent, Gt(0)) << second;
  }
}

const OutageCase kOutageCases[] = {
    {"Refused1ASecond", 1, 20 * kMs, 1 * kMs, 1.00, 1},
    {"Refused4ASecond", 4, 20 * kMs, 1 * kMs, 0.18, 10},
    {"Refused10ASecond", 10, 20 * kMs, 1 * kMs, 0.12, 7},
    {"Refused500ASecond", 500, 20 * kMs, 1 * kMs, 0.105, 3},
    {"Refused5000ASecond", 5000, 20 * kMs, 1 * kMs, 0.105, 3},
    {"TimedOut1ASecond", 1, 20 * kMs, 1500 * kMs, 1.00, 1},
    {"TimedOut4ASecond", 4, 20 * kMs, 1500 * kMs, 0.18, 10},
    {"TimedOut10ASecond", 10, 20 * kMs, 1500 * kMs, 0.12, 7},
    {"TimedOut500ASecond", 500, 20 * kMs, 1500 * kMs, 0.105, 3},
    {"TimedOut5000ASecond", 5000, 20 * kMs, 1500 * kMs, 0.105, 3},
    {"SlowWhenWellRefused10ASecond", 10, 1400 * kMs, 1 * kMs, 0.12, 9},
    {"SlowWhenWellRefused500ASecond", 500, 1400 * kMs, 1 * kMs, 0.105, 6},
    {"SlowWhenWellTimedOut10ASecond", 10, 1400 * kMs, 1500 * kMs, 0.12, 9},
    {"SlowWhenWellTimedOut500ASecond", 500, 1400 * kMs, 1500 * kMs, 0.105, 6},
    {"SlowWhenWellTimedOut5000ASecond", 5000, 1400 * kMs, 1500 * kMs, 0.105, 6},
};

INSTANTIATE_TEST_SUITE_P(All, ThrottleOutageTest, ValuesIn(kOutageCases),
                         [](const TestParamInfo<OutageCase>& tested) { return tested.param.name; });

struct PartialCase {
  std::string name;
  double failing_share;
  double calls_per_second;
  absl::Duration answer;
  absl::Duration failure;
  // The share of the calls of a minute.
  double max_rejection_probability;
};

class ThrottlePartialFailureTest : public TestWithParam<PartialCase> {};

TEST_P(ThrottlePartialFailureTest, FewCallsAreRejectedUntilMostFail) {
  double held_back = 0;
  const uint64_t seeds = GetParam().calls_per_second > 100 ? 1 : 2 * kSeeds;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    OperatorSimulation simulation({}, seed);
    simulation.Run(GetParam().calls_per_second, absl::Seconds(60),
                   FailingShare(GetParam().failing_share, GetParam().answer, GetParam().failure));
    held_back += 1 - simulation.Sum(0, 60).sent_share();
  }
  held_back /= static_cast<double>(seeds);
  EXPECT_THAT(held_back, Le(GetParam().max_rejection_probability));
  RecordProperty("rejection_probability", std::to_string(held_back));
}

const PartialCase kPartialCases[] = {
    {"ATenth10ASecond", 0.1, 10, 20 * kMs, 1 * kMs, 0},
    {"ATenth500ASecond", 0.1, 500, 20 * kMs, 1 * kMs, 0},
    {"Three10ths10ASecond", 0.3, 10, 20 * kMs, 1 * kMs, 0.001},
    {"Three10ths500ASecond", 0.3, 500, 20 * kMs, 1 * kMs, 0.001},
    {"Three10thsTimeOut10ASecond", 0.3, 10, 20 * kMs, 1500 * kMs, 0.001},
    {"Three10thsTimeOut500ASecond", 0.3, 500, 20 * kMs, 1500 * kMs, 0.001},
    {"Three10thsAtOnceAllElseSlow10ASecond", 0.3, 10, 1400 * kMs, 1 * kMs, 0.001},
    {"Three10thsAtOnceAllElseSlow500ASecond", 0.3, 500, 1400 * kMs, 1 * kMs, 0.001},
    {"Half10ASecond", 0.5, 10, 20 * kMs, 1 * kMs, 0.06},
    {"Half500ASecond", 0.5, 500, 20 * kMs, 1 * kMs, 0.02},
    {"HalfTimeOut10ASecond", 0.5, 10, 20 * kMs, 1500 * kMs, 0.03},
    {"HalfTimeOut500ASecond", 0.5, 500, 20 * kMs, 1500 * kMs, 0.01},
};

INSTANTIATE_TEST_SUITE_P(All, ThrottlePartialFailureTest, ValuesIn(kPartialCases),
                         [](const TestParamInfo<PartialCase>& tested) {
                           return tested.param.name;
                         });

TEST(ThrottleSimulationTest, NothingIsRejectedForASlowOperator) {
  for (const double calls_per_second : {1.0, 10.0, 500.0, 5000.0}) {
    OperatorSimulation simulation({}, /*seed=*/0);
    simulation.Run(calls_per_second, absl::Seconds(30), Well(1400 * kMs));
    EXPECT_THAT(simulation.Sum(0, 30).sent_share(), Eq(1)) << calls_per_second;
  }
}

TEST(ThrottleSimulationTest, NothingIsRejectedWhenLoadOnASlowOperatorRisesFromIdle) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    OperatorSimulation simulation({}, seed);
    // More than the minimum number of failures, among few calls.
    simulation.Run(5, absl::Seconds(20), FailingShare(0.3, 1400 * kMs, 1 * kMs));
    simulation.Run(50, absl::Seconds(1), Well(1400 * kMs));
    simulation.Run(500, absl::Seconds(1), Well(1400 * kMs));
    simulation.Run(5000, absl::Seconds(3), Well(1400 * kMs));
    EXPECT_THAT(simulation.Sum(20, 25).sent_share(), Eq(1)) << seed;
  }
}

TEST(ThrottleSimulationTest, AnOperatorThatIsDownFromTheFirstCallGetsFewCalls) {
  OperatorSimulation simulation({}, /*seed=*/0);
  simulation.Run(500, absl::Seconds(30), FailingShare(1, kMs, 1500 * kMs));
  // Nothing is known for 1.5 s, and for another 1.5 s the attempts in flight are the majority.
  EXPECT_THAT(simulation.Sum(0, 2).sent_share(), Eq(1));
  EXPECT_THAT(simulation.Sum(4, 30).sent_share(), Lt(0.12));
}

TEST(ThrottleSimulationTest, AFewFailuresAmongFewCallsSuspendNothing) {
  OperatorSimulation simulation({}, /*seed=*/0);
  simulation.Run(8, absl::Seconds(1), FailingShare(1, kMs, kMs));
  simulation.Run(100, absl::Seconds(10), Well(kMs));
  EXPECT_THAT(simulation.Sum(0, 11).sent_share(), Eq(1));
}

TEST(ThrottleSimulationTest, AnOverloadedOperatorIsKeptBusy) {
  // It answers 100 of 500 calls a second and rejects the others.
  int second = -1;
  int answered = 0;
  OperatorSimulation simulation({}, /*seed=*/0);
  simulation.Run(500, absl::Seconds(120), [&](absl::Duration time, double) {
    if (absl::ToInt64Seconds(time) != second) answered = 0;
    second = static_cast<int>(absl::ToInt64Seconds(time));
    return SimulatedAnswer{++answered <= 100, 20 * kMs};
  });
  const SimulatedSecond steady = simulation.Sum(30, 120);
  EXPECT_THAT(steady.succeeded / 90.0, AllOf(Ge(95), Le(100)));
  // Calls beyond twice the answers are rejected, so about sqrt(2 * 100 * 500) = 316 are sent a
  // second.
  EXPECT_THAT(steady.sent / 90.0, Le(330));
}

}  // namespace
}  // namespace uid2
