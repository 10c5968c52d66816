// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/throttle.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::DoubleNear;
using ::testing::Eq;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

// With this random fraction, an attempt is rejected only if rejection is certain.
constexpr double kHighestFraction = 0.999999;

Throttle::TimePoint At(absl::Duration time) {
  return Throttle::TimePoint() + absl::ToChronoNanoseconds(absl::Hours(1000) + time);
}

struct ShareCase {
  std::string name;
  int failed;
  int succeeded;
  int in_flight;
  double share;
};

class ThrottleShareTest : public TestWithParam<ShareCase> {};

TEST_P(ThrottleShareTest, RejectsTheShareThatFollowsFromTheCounts) {
  Throttle throttle({});
  const Throttle::TimePoint now = At(absl::ZeroDuration());
  std::vector<Throttle::Permit> permits;
  for (int i = 0; i < GetParam().failed + GetParam().succeeded + GetParam().in_flight; ++i) {
    permits.push_back(*throttle.Admit(now, kHighestFraction));
  }
  for (int i = 0; i < GetParam().failed; ++i) throttle.Failed(permits[static_cast<size_t>(i)], now);
  for (int i = 0; i < GetParam().succeeded; ++i) {
    throttle.Succeeded(permits[static_cast<size_t>(GetParam().failed + i)], now);
  }
  EXPECT_THAT(throttle.rejection_probability(now), DoubleNear(GetParam().share, 1e-9));
  // The random fraction decides; its smallest value is 0.
  EXPECT_THAT(throttle.Admit(now, std::max(GetParam().share - 1e-6, 0.0)).has_value(),
              Eq(GetParam().share == 0));
  EXPECT_TRUE(throttle.Admit(now, GetParam().share + 1e-6).has_value());
}

const ShareCase kShareCases[] = {
    {"Idle", 0, 0, 0, 0},
    {"OneFailedFirstCall", 1, 0, 0, 0},
    {"OneFailureLessThanTheLeast", 19, 0, 0, 0},
    {"TheLeastFailures", 20, 0, 0, 0.9},
    {"ManyFailures", 1000, 0, 0, 0.9},
    {"AllWell", 0, 1000, 0, 0},
    {"AThirdFailed", 100, 200, 0, 0},
    {"HalfFailed", 100, 100, 0, 0},
    {"OneMoreFailed", 101, 100, 0, 1.0 / 202},
    {"TwoThirdsFailed", 200, 100, 0, 100.0 / 301},
    {"NineTenthsFailed", 90, 10, 0, 80.0 / 101},
    {"ASlowOperatorAfterAnIdleTime", 0, 0, 700, 0},
    {"AFewFailuresAndAllElseInFlight", 30, 0, 700, 0},
    {"HalfFailedAndAllElseInFlight", 100, 0, 100, 0},
    {"MostFailedAndAllElseInFlight", 101, 0, 100, 0.9},
    {"MoreFailedThanSucceededAndManyInFlight", 100, 50, 60, 0},
};

INSTANTIATE_TEST_SUITE_P(All, ThrottleShareTest, ValuesIn(kShareCases),
                         [](const TestParamInfo<ShareCase>& tested) { return tested.param.name; });

class ThrottleTest : public ::testing::Test {
 protected:
  // Sends `count` attempts that fail, or succeed, at once. None of them is rejected.
  void Fail(int count) {
    for (int i = 0; i < count; ++i) throttle_.Failed(*Admit(), At(now_));
  }
  void Succeed(int count) {
    for (int i = 0; i < count; ++i) throttle_.Succeeded(*Admit(), At(now_));
  }
  absl::optional<Throttle::Permit> Admit() { return throttle_.Admit(At(now_), kHighestFraction); }
  double RejectionProbability() { return throttle_.rejection_probability(At(now_)); }

  absl::Duration now_ = absl::ZeroDuration();
  Throttle throttle_{{}};
};

TEST_F(ThrottleTest, RejectedAttemptsAreNotCounted) {
  Fail(20);
  Succeed(9);
  const double share = RejectionProbability();
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(throttle_.Admit(At(now_), 0).has_value());
  EXPECT_THAT(RejectionProbability(), Eq(share));
}

TEST_F(ThrottleTest, OnceThrottlingFewerFailuresKeepItGoing) {
  Fail(20);
  now_ = absl::Seconds(9);
  Fail(3);
  EXPECT_THAT(RejectionProbability(), DoubleNear(0.9, 1e-9));
  // The first twenty are forgotten, and the remaining ones would be too few to start throttling.
  now_ = absl::Seconds(10);
  EXPECT_THAT(RejectionProbability(), DoubleNear(3.0 / 4, 1e-9));
  now_ = absl::Seconds(19);
  EXPECT_THAT(RejectionProbability(), Eq(0));
  Fail(9);
  EXPECT_THAT(RejectionProbability(), Eq(0));
}

TEST_F(ThrottleTest, OnceThrottlingAttemptsInFlightAreIgnored) {
  Fail(20);
  Succeed(10);
  for (int i = 0; i < 100; ++i) Admit();
  EXPECT_THAT(RejectionProbability(), DoubleNear(10.0 / 31, 1e-9));
}

TEST_F(ThrottleTest, EndsWhenAsManyHaveSucceededAsFailed) {
  Fail(20);
  Succeed(19);
  EXPECT_THAT(RejectionProbability(), DoubleNear(1.0 / 40, 1e-9));
  Succeed(1);
  EXPECT_THAT(RejectionProbability(), Eq(0));
}

TEST_F(ThrottleTest, FailuresThatNeverShareAWindowDoNotAddUp) {
  for (int second = 0; second < 100; second += 5) {
    now_ = absl::Seconds(second);
    Fail(4);
    EXPECT_THAT(RejectionProbability(), Eq(0)) << second;
  }
}

TEST_F(ThrottleTest, ReleasedAttemptsAreNotCounted) {
  std::vector<Throttle::Permit> gone;
  for (int i = 0; i < 100; ++i) gone.push_back(*Admit());
  Fail(20);
  EXPECT_THAT(RejectionProbability(), Eq(0));
  for (const Throttle::Permit& permit : gone) throttle_.Release(permit, At(now_));
  EXPECT_THAT(RejectionProbability(), DoubleNear(0.9, 1e-9));
}

TEST_F(ThrottleTest, CancelledAttemptsSuspendNothing) {
  for (int i = 0; i < 1000; ++i) throttle_.Release(*Admit(), At(now_));
  EXPECT_THAT(RejectionProbability(), Eq(0));
}

TEST_F(ThrottleTest, AFailureCountsAtTheTimeItsAttemptWasSent) {
  std::vector<Throttle::Permit> hanging;
  for (int i = 0; i < 20; ++i) hanging.push_back(*Admit());
  now_ = absl::Seconds(9);
  for (const Throttle::Permit& permit : hanging) throttle_.Failed(permit, At(now_));
  EXPECT_THAT(RejectionProbability(), DoubleNear(0.9, 1e-9));
  now_ = absl::Seconds(10);
  EXPECT_THAT(RejectionProbability(), Eq(0));
}

TEST(ThrottleOptionsTest, AreUsed) {
  ThrottleOptions options;
  options.sampling_window = absl::Seconds(20);
  options.min_failures = 2;
  options.max_rejection_probability = 0.5;
  Throttle throttle(options);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(throttle.rejection_probability(At(absl::ZeroDuration())), Eq(0));
    throttle.Failed(*throttle.Admit(At(absl::ZeroDuration()), kHighestFraction),
                    At(absl::ZeroDuration()));
  }
  EXPECT_THAT(throttle.rejection_probability(At(absl::Seconds(19))), Eq(0.5));
  EXPECT_THAT(throttle.rejection_probability(At(absl::Seconds(20))), Eq(0));
}

TEST(ThrottleThreadsTest, CountsFromManyThreadsAddUp) {
  Throttle throttle({});
  constexpr int kThreads = 4;
  constexpr int kAttempts = 3000;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&throttle] {
      for (int i = 0; i < kAttempts; ++i) {
        const Throttle::TimePoint now = At(absl::Milliseconds(i));
        const Throttle::Permit permit = *throttle.Admit(now, kHighestFraction);
        // Two of three attempts fail.
        if (i % 3 == 0) {
          throttle.Succeeded(permit, now);
        } else {
          throttle.Failed(permit, now);
        }
        throttle.Release(*throttle.Admit(now, kHighestFraction), now);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  constexpr double kAll = kThreads * kAttempts;
  EXPECT_THAT(throttle.rejection_probability(At(absl::Milliseconds(kAttempts))),
              DoubleNear(kAll / 3 / (kAll + 1), 1e-9));
}

}  // namespace
}  // namespace uid2
