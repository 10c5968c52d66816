// SPDX-License-Identifier: Apache-2.0

#include "server/operator/operator_clock.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/operator/operator_clock_fixture.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Optional;
using uid2::testing::kStart;
using uid2::testing::OperatorClockFixture;

using OperatorClockTest = OperatorClockFixture;

TEST_F(OperatorClockTest, WithoutAnEstimateItIsTheLocalClock) {
  EXPECT_THAT(clock_.estimate(), Eq(absl::nullopt));
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  EXPECT_THAT(clock_.Now(), Eq(kStart));
  local_.StepNow(absl::Hours(1));
  EXPECT_THAT(clock_.Now(), Eq(kStart + absl::Hours(1)));
  EXPECT_THAT(clock_.NewStamp().time, Eq(kStart + absl::Hours(1)));
  EXPECT_THAT(clock_.NewStamp().since_boot, Eq(local_.SinceBoot()));
}

TEST_F(OperatorClockTest, ASealedReplyGivesTheOperatorsTimeToAMillisecond) {
  for (const absl::Duration ahead :
       {absl::Seconds(60), absl::Hours(-1), absl::Milliseconds(7), absl::ZeroDuration()}) {
    operator_ahead_ = ahead;
    LearnSealed();
    EXPECT_THAT(clock_.Now() - OperatorTime(),
                AllOf(Ge(absl::ZeroDuration()), Le(absl::Milliseconds(1))));
    EXPECT_THAT(clock_.estimate(), Optional(clock_.Now()));
    EXPECT_THAT(clock_.offset(), Optional(clock_.Now() - local_.Now()));
  }
}

TEST_F(OperatorClockTest, ADateGivesTheOperatorsTimeToASecond) {
  date_ahead_ = absl::Minutes(10) + absl::Milliseconds(300);
  LearnDate();
  EXPECT_THAT(clock_.Now() - Date(), AllOf(Ge(absl::ZeroDuration()), Le(absl::Seconds(1))));
  EXPECT_THAT(clock_.offset(), Optional(clock_.Now() - local_.Now()));
}

TEST_F(OperatorClockTest, ALocalClockThatAgreesWithTheReplyIsKept) {
  const absl::Duration sent = local_.SinceBoot();
  local_.Advance(absl::Seconds(2));
  // The operator may have read its clock at any time between sending and receiving.
  for (const absl::Duration took : {absl::ZeroDuration(), absl::Seconds(1), absl::Seconds(2)}) {
    clock_.LearnSealed(kStart + took, sent);
    EXPECT_THAT(clock_.offset(), Optional(absl::ZeroDuration()));
  }
}

TEST_F(OperatorClockTest, AQuickReplyRefinesTheEstimateOfASlowOneButNotViceVersa) {
  operator_ahead_ = absl::Minutes(1);
  const auto exchange = [this](absl::Duration there, absl::Duration back) {
    const absl::Duration sent = local_.SinceBoot();
    local_.Advance(there);
    const absl::Time told = OperatorTime();
    local_.Advance(back);
    clock_.LearnSealed(told, sent);
    return absl::AbsDuration(clock_.Now() - OperatorTime());
  };
  EXPECT_THAT(exchange(absl::Seconds(1), absl::Seconds(5)), Eq(absl::Seconds(5)));
  EXPECT_THAT(exchange(absl::Milliseconds(20), absl::Milliseconds(30)), Eq(absl::Milliseconds(30)));
  EXPECT_THAT(exchange(absl::Seconds(5), absl::Seconds(1)), Eq(absl::Milliseconds(30)));
  EXPECT_THAT(exchange(absl::Seconds(1), absl::Seconds(5)), Eq(absl::Milliseconds(30)));
}

TEST_F(OperatorClockTest, NeitherAStepOfTheLocalClockNorASuspensionMovesTheEstimate) {
  for (const bool sealed : {true, false}) {
    operator_ahead_ = date_ahead_ = absl::Seconds(60);
    sealed ? LearnSealed() : LearnDate();
    const absl::Duration error = clock_.Now() - OperatorTime();
    local_.StepNow(absl::Hours(-1));
    EXPECT_THAT(clock_.Now() - OperatorTime(), Eq(error));
    EXPECT_THAT(clock_.offset(), Optional(clock_.Now() - local_.Now()));
    local_.Advance(absl::Minutes(5));
    local_.StepNow(absl::Hours(3));
    local_.Suspend(absl::Hours(8));
    EXPECT_THAT(clock_.Now() - OperatorTime(), Eq(error));
    EXPECT_THAT(clock_.NewStamp().time, Eq(clock_.Now()));
  }
}

TEST_F(OperatorClockTest, ASuspensionDuringACallDoesNotBlurTheEstimate) {
  operator_ahead_ = absl::Seconds(60);
  LearnSealed();
  const absl::Time before = clock_.Now();
  const absl::Duration sent = local_.SinceBoot();
  const absl::Time told = OperatorTime();
  local_.Suspend(absl::Hours(8));
  clock_.LearnSealed(told, sent);
  EXPECT_THAT(clock_.Now(), Eq(before + absl::Hours(8)));
}

TEST_F(OperatorClockTest, ASealedTimeTakesPrecedenceOverADateUntilItIsRejected) {
  operator_ahead_ = absl::Minutes(5);
  date_ahead_ = absl::Minutes(-5);
  LearnDate();
  EXPECT_THAT(*clock_.offset(), Le(absl::Minutes(-4)));
  LearnSealed();
  EXPECT_THAT(*clock_.offset(), Ge(absl::Minutes(5)));
  LearnDate();
  EXPECT_THAT(*clock_.offset(), Ge(absl::Minutes(5)));

  EXPECT_TRUE(clock_.LearnRejection(clock_.NewStamp(), absl::nullopt));
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  LearnDate();
  EXPECT_THAT(*clock_.offset(), Le(absl::Minutes(-4)));
}

TEST_F(OperatorClockTest, AddressesAreIndependent) {
  OperatorClock other(local_);
  operator_ahead_ = absl::Minutes(1);
  LearnSealed();
  EXPECT_THAT(other.Now(), Eq(local_.Now()));
  other.LearnSealed(local_.Now() - absl::Minutes(1), local_.SinceBoot());
  EXPECT_THAT(clock_.offset(), Optional(absl::Minutes(1)));
  EXPECT_TRUE(clock_.LearnRejection(clock_.NewStamp(), absl::nullopt));
  EXPECT_THAT(other.offset(), Optional(absl::Minutes(-1) + absl::Milliseconds(1)));
}

TEST_F(OperatorClockTest, ConcurrentCallsLearnTheSameTime) {
  operator_ahead_ = date_ahead_ = absl::Hours(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int call = 0; call < 500; ++call) {
        const OperatorClock::Stamp stamp = clock_.NewStamp();
        if (Accepts(stamp)) {
          clock_.LearnSealed(OperatorTime(), stamp.since_boot);
        } else {
          EXPECT_TRUE(clock_.LearnRejection(stamp, Date()));
        }
        clock_.LearnDate(Date(), stamp.since_boot);
        EXPECT_TRUE(clock_.offset().has_value());
        local_.StepNow(absl::Milliseconds(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(absl::AbsDuration(clock_.Now() - OperatorTime()), Le(absl::Milliseconds(1)));
}

}  // namespace
}  // namespace uid2
