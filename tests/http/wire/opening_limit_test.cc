// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/opening_limit.h"

#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::Eq;
using ::testing::Gt;
using ::testing::Lt;

class OpeningLimitTest : public ::testing::Test {
 protected:
  // Begins as many as the limit permits.
  int Fill() {
    int begun = 0;
    for (; !limit_.reached(); ++begun) limit_.Begin(now_);
    return begun;
  }

  // A handshake that nothing else is begun beside.
  void OpenAlone(milliseconds took) {
    limit_.Begin(now_);
    limit_.Opened(now_, now_ + took);
  }

  // Rounds of as many handshakes as are permitted, which each take that long.
  void OpenRounds(int rounds, milliseconds took) {
    for (; rounds > 0; --rounds) {
      const OpeningLimit::TimePoint begun = now_;
      const int count = Fill();
      now_ += took;
      for (int left = count; left > 0; --left) limit_.Opened(begun, now_);
    }
  }

  // One more is being opened from now on, so that all rounds are of one burst.
  void HoldOne() {
    limit_.Begin(now_);
    ++held_;
  }

  // How many may be opened at a time.
  int Permitted() {
    const int begun = Fill();
    for (int left = begun; left > 0; --left) limit_.End();
    return begun + held_;
  }

  OpeningLimit limit_;
  OpeningLimit::TimePoint now_{std::chrono::hours(1000)};
  int held_ = 0;
};

TEST_F(OpeningLimitTest, FewAreOpenedAtFirst) { EXPECT_THAT(Fill(), Eq(OpeningLimit::kFirst)); }

TEST_F(OpeningLimitTest, DoublesWithEachRoundWhileTheServerKeepsUp) {
  HoldOne();
  OpenRounds(5, milliseconds(60));
  EXPECT_THAT(Permitted(), Gt(16 * OpeningLimit::kFirst));
}

TEST_F(OpeningLimitTest, BeginsWithFewAgainAfterABurst) {
  OpenRounds(5, milliseconds(60));
  EXPECT_THAT(Permitted(), Eq(OpeningLimit::kFirst));
}

TEST_F(OpeningLimitTest, ShrinksToTheLeastIfHandshakesTakeMuchLongerThanOneAlone) {
  OpenAlone(milliseconds(10));
  HoldOne();
  OpenRounds(1, milliseconds(31));
  EXPECT_THAT(Permitted(), Eq(OpeningLimit::kLeast));
}

TEST_F(OpeningLimitTest, DoesNotShrinkIfTheTimeVariesLessThanThat) {
  OpenAlone(milliseconds(10));
  HoldOne();
  OpenRounds(1, milliseconds(30));
  EXPECT_THAT(Permitted(), Gt(OpeningLimit::kFirst));
}

TEST_F(OpeningLimitTest, ShrinksByDegreesWhereItIsLarge) {
  HoldOne();
  OpenRounds(5, milliseconds(10));
  const int before = Permitted();
  const OpeningLimit::TimePoint begun = now_;
  limit_.Begin(now_);
  limit_.Opened(begun, begun + milliseconds(31));
  EXPECT_THAT(Permitted(), Lt(before));
  EXPECT_THAT(Permitted(), Gt(before / 2));
}

TEST_F(OpeningLimitTest, KnowsInTheNextBurstThatTheServerIsSlow) {
  OpenAlone(milliseconds(10));
  OpenRounds(1, milliseconds(31));
  now_ += OpeningLimit::kMemory;
  EXPECT_THAT(Permitted(), Eq(OpeningLimit::kLeast));
}

TEST_F(OpeningLimitTest, GrowsAgainWhenTheServerKeepsUpAgain) {
  OpenAlone(milliseconds(10));
  OpenRounds(1, milliseconds(31));
  HoldOne();
  OpenRounds(4, milliseconds(10));
  EXPECT_THAT(Permitted(), Gt(OpeningLimit::kFirst / 2));
}

TEST_F(OpeningLimitTest, ForgetsWhatIsOld) {
  OpenAlone(milliseconds(10));
  OpenRounds(1, milliseconds(31));
  EXPECT_FALSE(limit_.forgotten(now_));
  now_ += 2 * OpeningLimit::kMemory;
  EXPECT_TRUE(limit_.forgotten(now_));
  EXPECT_THAT(Permitted(), Eq(OpeningLimit::kFirst));
}

TEST_F(OpeningLimitTest, TakesALongerWayForUsualAfterTwicePeriodsInUse) {
  OpenAlone(milliseconds(10));
  for (int i = 0; i < 12; ++i) {
    OpenAlone(milliseconds(60));
    now_ += minutes(1);
  }
  HoldOne();
  OpenRounds(4, milliseconds(60));
  EXPECT_THAT(Permitted(), Gt(OpeningLimit::kFirst / 2));
}

TEST_F(OpeningLimitTest, IsNotForgottenWhileAConnectionIsBeingOpened) {
  HoldOne();
  EXPECT_FALSE(limit_.forgotten(now_ + 3 * OpeningLimit::kMemory));
}

TEST_F(OpeningLimitTest, HasPatienceForTwiceTheLongestTimeOfTheBurst) {
  OpenAlone(milliseconds(90));
  HoldOne();
  for (const int took : {10, 30, 20}) OpenAlone(milliseconds(took));
  EXPECT_THAT(limit_.patience(), Eq(milliseconds(60)));
  limit_.Begin(now_);
  limit_.End();
  limit_.OpenedLate(milliseconds(70));
  EXPECT_THAT(limit_.patience(), Eq(milliseconds(140)));
}

TEST_F(OpeningLimitTest, AnEndThatSaysNothingAboutTheServerChangesNothing) {
  for (int i = 0; i < 100; ++i) {
    limit_.Begin(now_);
    limit_.End();
  }
  EXPECT_THAT(Fill(), Eq(OpeningLimit::kFirst));
}

}  // namespace
}  // namespace uid2
