// SPDX-License-Identifier: Apache-2.0

// When a SyntheticProbe begins and ends.

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/service/synthetic_probe_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::SyntheticProbeTest;

constexpr absl::Duration kMoment = absl::Milliseconds(1);

TEST_F(SyntheticProbeTest, TheFirstProbeBeginsAtARandomTimeWithinTenSeconds) {
  fraction_ = 0.25;
  probe_.Start();
  timers_.Advance(absl::Milliseconds(2500) - kMoment);
  EXPECT_TRUE(attempts_.idle());
  timers_.Advance(kMoment);
  EXPECT_THAT(attempts_.pending(), Eq(1));
}

TEST_F(SyntheticProbeTest, TheNextProbeBeginsOneIntervalAfterTheBeginningOfTheLastAtTheLatest) {
  StartAndAwaitFirst();
  clock_.Advance(absl::Seconds(4));
  Succeed();
  timers_.Advance(absl::Seconds(56) - kMoment);
  EXPECT_TRUE(attempts_.idle());
  timers_.Advance(kMoment);
  EXPECT_THAT(attempts_.pending(), Eq(1));
}

TEST_F(SyntheticProbeTest, TheNextProbeBeginsAfterHalfTheIntervalAtTheEarliest) {
  StartAndAwaitFirst();
  fraction_ = 1;
  Succeed();
  timers_.Advance(absl::Seconds(30) - kMoment);
  EXPECT_TRUE(attempts_.idle());
  timers_.Advance(kMoment);
  EXPECT_THAT(attempts_.pending(), Eq(1));
}

TEST_F(SyntheticProbeTest, AFailureDoesNotChangeWhenTheNextProbeBegins) {
  StartAndAwaitFirst();
  Fail(identity::v1::OPERATOR_ERROR);
  timers_.Advance(options_.interval - kMoment);
  EXPECT_TRUE(attempts_.idle());
  timers_.Advance(kMoment);
  EXPECT_THAT(attempts_.pending(), Eq(1));
}

TEST_F(SyntheticProbeTest, AProbeThatTakesLongerThanTheIntervalIsFollowedAtOnceByTheNext) {
  StartAndAwaitFirst();
  timers_.Advance(3 * options_.interval);
  EXPECT_THAT(attempts_.pending(), Eq(1));
  Succeed();
  EXPECT_TRUE(attempts_.idle());
  timers_.Advance(absl::ZeroDuration());
  EXPECT_THAT(attempts_.pending(), Eq(1));
}

TEST_F(SyntheticProbeTest, StopCancelsTheProbeInFlightWhichDoesNotCount) {
  StartAndAwaitFirst();
  probe_.Stop();
  timers_.Advance(absl::ZeroDuration());
  EXPECT_TRUE(attempts_.context().cancelled());
  attempts_.AnswerGenerate(AttemptFailure{.kind = FailureKind::kCancelled});
  timers_.Advance(10 * options_.interval);
  EXPECT_TRUE(attempts_.idle());
  EXPECT_THAT(Probes(""), Eq(0));
  EXPECT_THAT(changes_, IsEmpty());
}

TEST_F(SyntheticProbeTest, AReplyThatArrivesAfterStopIsNotFollowedByARefresh) {
  StartAndAwaitFirst();
  probe_.Stop();
  timers_.Advance(absl::ZeroDuration());
  Issue();
  EXPECT_TRUE(attempts_.idle());
}

TEST_F(SyntheticProbeTest, NoProbeBeginsAfterStop) {
  StartAndAwaitFirst();
  Succeed();
  probe_.Stop();
  timers_.Advance(10 * options_.interval);
  EXPECT_TRUE(attempts_.idle());
  EXPECT_THAT(Probes(""), Eq(1));
}

TEST_F(SyntheticProbeTest, ARequestThatEndsWithItsHttpClientDoesNotCount) {
  StartAndAwaitFirst();
  attempts_.AnswerGenerate(AttemptFailure{.kind = FailureKind::kCancelled});
  EXPECT_THAT(Probes(""), Eq(0));
  EXPECT_THAT(changes_, IsEmpty());
}

}  // namespace
}  // namespace uid2
