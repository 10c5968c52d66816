// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/sliding_window.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::FieldsAre;

class SlidingWindowTest : public ::testing::Test {
 protected:
  void SetUp() override { AdvanceTo(absl::ZeroDuration()); }

  // As on a machine that has been up for a while.
  void AdvanceTo(absl::Duration time) {
    window_.AdvanceTo(SlidingWindow::TimePoint() +
                      absl::ToChronoNanoseconds(absl::Hours(1000) + time));
  }

  SlidingWindow window_{absl::Seconds(10)};
};

TEST_F(SlidingWindowTest, StartsEmpty) { EXPECT_THAT(window_.total(), FieldsAre(0, 0, 0)); }

TEST_F(SlidingWindowTest, CountsAnAttemptWhenItIsSentAndItsOutcomeLater) {
  const SlidingWindow::Bucket first = window_.CountSent();
  AdvanceTo(absl::Seconds(1));
  const SlidingWindow::Bucket second = window_.CountSent();
  EXPECT_THAT(window_.total(), FieldsAre(2000, 0, 0));
  window_.CountFailure(first, kFullWeight);
  EXPECT_THAT(window_.total(), FieldsAre(2000, 0, 1000));
  window_.CountSuccess(second);
  EXPECT_THAT(window_.total(), FieldsAre(2000, 1000, 1000));
}

TEST_F(SlidingWindowTest, ForgetsAnAttemptWithTheBucketItWasSentIn) {
  const SlidingWindow::Bucket first = window_.CountSent();
  AdvanceTo(absl::Milliseconds(1000));
  window_.CountSuccess(window_.CountSent());
  AdvanceTo(absl::Milliseconds(9999));
  window_.CountFailure(first, kFullWeight);
  EXPECT_THAT(window_.total(), FieldsAre(2000, 1000, 1000));
  AdvanceTo(absl::Seconds(10));
  EXPECT_THAT(window_.total(), FieldsAre(1000, 1000, 0));
  AdvanceTo(absl::Seconds(11));
  EXPECT_THAT(window_.total(), FieldsAre(0, 0, 0));
}

TEST_F(SlidingWindowTest, TheOutcomeOfAForgottenAttemptIsNotCounted) {
  const SlidingWindow::Bucket forgotten = window_.CountSent();
  AdvanceTo(absl::Seconds(10));
  window_.CountSent();
  window_.CountSuccess(forgotten);
  window_.CountFailure(forgotten, kFullWeight);
  window_.Uncount(forgotten);
  EXPECT_THAT(window_.total(), FieldsAre(1000, 0, 0));
}

TEST_F(SlidingWindowTest, AFailureThatCountsInPartRemovesTheRestOfItsAttempt) {
  const SlidingWindow::Bucket first = window_.CountSent();
  window_.CountFailure(first, 250);
  EXPECT_THAT(window_.total(), FieldsAre(250, 0, 250));
  AdvanceTo(absl::Seconds(10));
  EXPECT_THAT(window_.total(), FieldsAre(0, 0, 0));
}

TEST_F(SlidingWindowTest, AnUncountedAttemptIsRemoved) {
  const SlidingWindow::Bucket first = window_.CountSent();
  AdvanceTo(absl::Seconds(3));
  window_.CountSent();
  window_.Uncount(first);
  EXPECT_THAT(window_.total(), FieldsAre(1000, 0, 0));
  AdvanceTo(absl::Seconds(10));
  EXPECT_THAT(window_.total(), FieldsAre(1000, 0, 0));
}

TEST_F(SlidingWindowTest, IsEmptyAfterALongIdleTime) {
  absl::Duration now = absl::ZeroDuration();
  for (const absl::Duration silence : {absl::Seconds(10), absl::Seconds(11), absl::Hours(100)}) {
    window_.CountFailure(window_.CountSent(), kFullWeight);
    AdvanceTo(now += silence);
    EXPECT_THAT(window_.total(), FieldsAre(0, 0, 0)) << silence;
  }
}

TEST_F(SlidingWindowTest, IgnoresTimeThatGoesBackwards) {
  AdvanceTo(absl::Seconds(5));
  const SlidingWindow::Bucket newest = window_.CountSent();
  AdvanceTo(absl::Seconds(2));
  EXPECT_THAT(window_.CountSent(), Eq(newest));
  EXPECT_THAT(window_.total(), FieldsAre(2000, 0, 0));
}

}  // namespace
}  // namespace uid2
