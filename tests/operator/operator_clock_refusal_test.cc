// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/operator_clock.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/operator/operator_clock_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::Optional;
using uid2::testing::kStart;
using uid2::testing::OperatorClockFixture;
using uid2::testing::SimulatedClock;

using OperatorClockRefusalTest = OperatorClockFixture;

// What a rejection does to the estimate, and whether a retry is worthwhile.
struct Refusal {
  const char* situation;
  // The estimate that stamps the request, and how far it is ahead of the local clock.
  enum { kNone, kFromDate, kFromSealed } estimate;
  absl::Duration estimate_ahead;
  // What happens while the request is in flight.
  absl::Duration local_step;
  absl::Duration took;
  // The Date of the rejection, relative to the local clock before its step.
  absl::optional<absl::Duration> date_ahead;

  bool worthwhile;
  // The time afterwards, relative to the local clock before its step.
  absl::Duration stamps_ahead;
};

TEST_F(OperatorClockRefusalTest, ARejectionDropsItsEstimateAndTriesTheDateThenTheLocalClock) {
  const absl::Duration zero = absl::ZeroDuration();
  const absl::Duration minute = absl::Minutes(1);
  const absl::Duration least = OperatorClock::kMinCorrection;
  const absl::Duration second = absl::Seconds(1);
  const Refusal rows[] = {
      {"nothing better is known", Refusal::kNone, zero, zero, zero, absl::nullopt, false, zero},
      {"the date agrees with the local clock", Refusal::kNone, zero, zero, zero, zero, false, zero},
      {"the date is ahead", Refusal::kNone, zero, zero, zero, 10 * minute, true, 10 * minute},
      {"the date is behind", Refusal::kNone, zero, zero, zero, -10 * minute - second, true,
       -10 * minute},
      {"the date is just far enough", Refusal::kNone, zero, zero, zero, least, true, least},
      {"the date is just not far enough", Refusal::kNone, zero, zero, zero, least - second, false,
       zero},
      {"the local clock has been mended meanwhile", Refusal::kNone, zero, 10 * minute, zero,
       absl::nullopt, true, 10 * minute},
      {"the local clock has been set, not enough", Refusal::kNone, zero, least - second, zero,
       absl::nullopt, false, least - second},
      {"sealed, the local clock differs", Refusal::kFromSealed, 5 * minute, zero, zero,
       absl::nullopt, true, zero},
      {"sealed, the local clock agrees", Refusal::kFromSealed, second, zero, zero, absl::nullopt,
       false, zero},
      {"sealed, the date differs", Refusal::kFromSealed, 5 * minute, zero, zero, 20 * minute, true,
       20 * minute},
      {"sealed, only the date differs", Refusal::kFromSealed, zero, zero, zero, 20 * minute, true,
       20 * minute},
      {"sealed, the date agrees, the local clock differs", Refusal::kFromSealed, 5 * minute, zero,
       zero, 5 * minute, true, zero},
      {"sealed, the date agrees with the local clock", Refusal::kFromSealed, 5 * minute, zero, zero,
       zero, true, zero},
      {"date, the local clock differs", Refusal::kFromDate, 5 * minute, zero, zero, 5 * minute,
       true, zero},
      {"date, the local clock agrees", Refusal::kFromDate, zero, zero, zero, zero, false, zero},
      {"date, another date is no better witness", Refusal::kFromDate, 5 * minute, zero, zero,
       20 * minute, true, zero},
      {"date, only another date differs", Refusal::kFromDate, zero, zero, zero, 20 * minute, false,
       zero},
      {"the refusal came late", Refusal::kNone, zero, zero, least, absl::nullopt, true, zero},
      {"sealed, the refusal came late", Refusal::kFromSealed, 5 * minute, zero, least,
       absl::nullopt, true, 5 * minute},
      {"sealed, the refusal came just not late", Refusal::kFromSealed, 5 * minute, zero,
       least - second, absl::nullopt, true, zero},
  };
  for (const Refusal& row : rows) {
    SCOPED_TRACE(row.situation);
    SimulatedClock local(kStart);
    OperatorClock clock(local);
    if (row.estimate == Refusal::kFromSealed) {
      clock.LearnSealed(local.Now() + row.estimate_ahead, local.SinceBoot());
    } else if (row.estimate == Refusal::kFromDate) {
      clock.LearnDate(local.Now() + row.estimate_ahead, local.SinceBoot());
    }
    const OperatorClock::Stamp stamp = clock.NewStamp();
    EXPECT_THAT(stamp.time, Eq(kStart + row.estimate_ahead));
    local.StepNow(row.local_step);
    local.Advance(row.took);
    absl::optional<absl::Time> date;
    if (row.date_ahead.has_value()) date = kStart + row.took + *row.date_ahead;
    EXPECT_THAT(clock.LearnRejection(stamp, date), Eq(row.worthwhile));
    EXPECT_THAT(clock.Now(), Eq(kStart + row.took + row.stamps_ahead));
  }
}

TEST_F(OperatorClockRefusalTest, ADateCorrectsAWrongLocalClockAfterOneRejection) {
  local_.StepNow(absl::Minutes(10));
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(1));
  EXPECT_THAT(clock_.offset(), Optional(absl::Minutes(-10) + absl::Milliseconds(1)));
}

TEST_F(OperatorClockRefusalTest, WithoutADateAWrongLocalClockIsRejectedUntilItIsCorrected) {
  local_.StepNow(absl::Minutes(10));
  EXPECT_FALSE(Call(/*dates=*/false));
  EXPECT_FALSE(Call(/*dates=*/false));
  EXPECT_THAT(refusals_, Eq(2));
  local_.StepNow(absl::Minutes(-10));
  EXPECT_TRUE(Call(/*dates=*/false));
}

TEST_F(OperatorClockRefusalTest, AWrongDateCostsARetryButNoCallThatTheLocalClockCanServe) {
  date_ahead_ = absl::Hours(1);
  LearnDate();
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(1));
  // By now the sealed time is known.
  LearnDate();
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(1));
}

TEST_F(OperatorClockRefusalTest, ARejectedDateIsIgnoredForSomeMinutes) {
  date_ahead_ = absl::Hours(1);
  LearnDate();
  EXPECT_TRUE(clock_.LearnRejection(clock_.NewStamp(), Date()));
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  LearnDate();
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  EXPECT_FALSE(clock_.LearnRejection(clock_.NewStamp(), Date()));

  local_.Advance(OperatorClock::kDateIgnoreTime - absl::Nanoseconds(1));
  LearnDate();
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  local_.Advance(absl::Nanoseconds(1));
  LearnDate();
  EXPECT_TRUE(clock_.offset().has_value());
}

TEST_F(OperatorClockRefusalTest, ASealedTimeMakesDatesTrustedAgain) {
  date_ahead_ = absl::Hours(1);
  LearnDate();
  EXPECT_TRUE(clock_.LearnRejection(clock_.NewStamp(), Date()));
  LearnSealed();
  date_ahead_ = absl::Minutes(20);
  EXPECT_TRUE(clock_.LearnRejection(clock_.NewStamp(), Date()));
  EXPECT_THAT(*clock_.offset(), Ge(absl::Minutes(19)));
}

TEST_F(OperatorClockRefusalTest, IfLocalClockAndDateAreWrongEachCallIsRejectedOnlyOnce) {
  local_.StepNow(absl::Minutes(-10));
  date_ahead_ = absl::Hours(1);
  EXPECT_FALSE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(2));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(12));
}

TEST_F(OperatorClockRefusalTest, FollowsAnOperatorWhoseClockIsSet) {
  operator_ahead_ = absl::Minutes(1);
  ASSERT_TRUE(Call(/*dates=*/false));
  // Still within the operator's tolerance: the next reply corrects the estimate.
  operator_ahead_ = absl::Minutes(2);
  ASSERT_TRUE(Call(/*dates=*/false));
  EXPECT_THAT(clock_.offset(), Optional(absl::Minutes(2)));
  // Set back, so that the estimate is out of tolerance: the local clock is accepted.
  operator_ahead_ = absl::ZeroDuration();
  ASSERT_TRUE(Call(/*dates=*/false));
  EXPECT_THAT(refusals_, Eq(1));
  EXPECT_THAT(clock_.offset(), Optional(absl::ZeroDuration()));
  // Set far away, so that every known time is out of tolerance: a Date corrects the estimate.
  operator_ahead_ = date_ahead_ = absl::Hours(2);
  EXPECT_FALSE(Call(/*dates=*/false));
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(clock_.offset(), Optional(absl::Hours(2)));
}

TEST_F(OperatorClockRefusalTest, RejectionsOfAnOldEstimateDoNotDropTheNewOne) {
  LearnSealed();
  const std::vector<OperatorClock::Stamp> stamps(100, clock_.NewStamp());
  operator_ahead_ = date_ahead_ = absl::Minutes(10);
  EXPECT_TRUE(clock_.LearnRejection(stamps[0], Date()));
  LearnSealed();
  const absl::Time corrected = clock_.Now();
  for (const OperatorClock::Stamp& stamp : stamps) {
    EXPECT_TRUE(clock_.LearnRejection(stamp, Date()));
    EXPECT_TRUE(clock_.LearnRejection(stamp, absl::nullopt));
  }
  EXPECT_THAT(clock_.Now(), Eq(corrected));
  local_.StepNow(absl::Hours(1));
  EXPECT_THAT(clock_.Now(), Eq(corrected));
}

}  // namespace
}  // namespace uid2
