// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/reply_times.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/resilience/attempt_weight.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::FieldsAre;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

constexpr absl::Duration kMs = absl::Milliseconds(1);

class ReplyTimesTest : public ::testing::Test {
 protected:
  void Add(absl::Duration took) {
    reply_times_.Add(took, ReplyTimes::TimePoint() + absl::ToChronoNanoseconds(now_));
  }

  ReplyTimes reply_times_{1500 * kMs};
  absl::Duration now_ = absl::Hours(1000);
};

TEST_F(ReplyTimesTest, BeforeTheFirstReplyHalfOfTheAttemptTimeoutIsAFailure) {
  EXPECT_THAT(reply_times_.patience(), FieldsAre(0 * kMs, 750 * kMs));
}

TEST_F(ReplyTimesTest, AfterRepliesTripleTheLongestTimeIsAFailure) {
  Add(50 * kMs);
  Add(80 * kMs);
  Add(60 * kMs);
  EXPECT_THAT(reply_times_.patience(), FieldsAre(80 * kMs, 240 * kMs));
}

TEST_F(ReplyTimesTest, SilenceOfAFastOperatorCountsInFullFromATenthOfASecond) {
  Add(2 * kMs);
  EXPECT_THAT(reply_times_.patience(), FieldsAre(2 * kMs, 100 * kMs));
}

TEST_F(ReplyTimesTest, ASlowOperatorHasNoMoreTimeThanAnAttempt) {
  Add(1400 * kMs);
  EXPECT_THAT(reply_times_.patience(), FieldsAre(1400 * kMs, 1500 * kMs));
}

TEST_F(ReplyTimesTest, ALongReplyTimeIsForgottenAfterTwoPeriodsWithReplies) {
  Add(400 * kMs);
  now_ += absl::Seconds(10);
  Add(30 * kMs);
  EXPECT_THAT(reply_times_.patience().none, Eq(400 * kMs));
  now_ += absl::Seconds(10);
  Add(40 * kMs);
  EXPECT_THAT(reply_times_.patience().none, Eq(40 * kMs));
}

TEST_F(ReplyTimesTest, AReplyTimeIsKeptHoweverLongNothingReplies) {
  Add(400 * kMs);
  now_ += absl::Hours(1);
  EXPECT_THAT(reply_times_.patience().none, Eq(400 * kMs));
  Add(30 * kMs);
  EXPECT_THAT(reply_times_.patience().none, Eq(400 * kMs));
}

struct WeightCase {
  std::string name;
  absl::Duration silence;
  int weight;
};

class PatienceTest : public TestWithParam<WeightCase> {};

TEST_P(PatienceTest, WeighsSilence) {
  const Patience kPatience = {100 * kMs, 300 * kMs};
  EXPECT_THAT(kPatience.WeightOf(GetParam().silence), Eq(GetParam().weight));
}

const WeightCase kWeightCases[] = {
    {"NoneIsNothing", 0 * kMs, 0},
    {"AsLongAsUsualIsNothing", 100 * kMs, 0},
    {"ABitLongerIsAPart", 150 * kMs, 250},
    {"AlmostTooLongIsAlmostAFailure", absl::Microseconds(299900), 999},
    {"TooLongIsAFailure", 300 * kMs, kFullWeight},
    {"EvenLongerIsNoMoreThanAFailure", absl::Hours(1), kFullWeight},
};

INSTANTIATE_TEST_SUITE_P(All, PatienceTest, ValuesIn(kWeightCases),
                         [](const TestParamInfo<WeightCase>& tested) { return tested.param.name; });

}  // namespace
}  // namespace uid2
