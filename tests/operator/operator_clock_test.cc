#include "server/operator/operator_clock.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/operator/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Optional;
using uid2::testing::SimulatedClock;

// The right time at the start of each test, to the millisecond of a sealed reply.
const absl::Time kStart = absl::FromUnixMillis(1900000000000);
constexpr absl::Duration kOldestAccepted = absl::Seconds(120);

// A local clock that is right, an operator whose clock is off by `operator_ahead`, and a Date in
// front of it that is off by `date_ahead`.
class OperatorClockTest : public ::testing::Test {
 protected:
  OperatorClockTest() : local_(kStart), clock_(local_) {}

  // The right time, whatever the local civil clock says.
  absl::Time True() const { return kStart + (local_.SinceBoot() - kBoot); }
  absl::Time OperatorTime() const { return True() + operator_ahead_; }
  absl::Time Date() const {
    return absl::FromUnixSeconds(absl::ToUnixSeconds(True() + date_ahead_));
  }

  void LearnSealed() { clock_.LearnSealed(OperatorTime(), local_.SinceBoot()); }
  void LearnDate() { clock_.LearnDate(Date(), local_.SinceBoot()); }

  bool Accepts(const OperatorClock::Stamp& stamp) const {
    return absl::AbsDuration(stamp.time - OperatorTime()) < kOldestAccepted;
  }

  // A call with the one retry that a refusal may be worth. With `dates` every reply has one.
  bool Call(bool dates) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      const OperatorClock::Stamp stamp = clock_.NewStamp();
      if (Accepts(stamp)) {
        LearnSealed();
        return true;
      }
      ++refusals_;
      if (!clock_.LearnRefusal(stamp, dates ? absl::make_optional(Date()) : absl::nullopt)) break;
    }
    return false;
  }

  const absl::Duration kBoot = absl::Hours(1);
  SimulatedClock local_;
  OperatorClock clock_;
  absl::Duration operator_ahead_;
  absl::Duration date_ahead_;
  int refusals_ = 0;
};

TEST_F(OperatorClockTest, WithoutAnEstimateItIsTheLocalClock) {
  EXPECT_THAT(clock_.estimate(), Eq(absl::nullopt));
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  EXPECT_THAT(clock_.Now(), Eq(kStart));
  local_.StepNow(absl::Hours(1));
  EXPECT_THAT(clock_.Now(), Eq(kStart + absl::Hours(1)));
  EXPECT_THAT(clock_.NewStamp().time, Eq(kStart + absl::Hours(1)));
  EXPECT_THAT(clock_.NewStamp().since_boot, Eq(local_.SinceBoot()));
  EXPECT_THAT(clock_.Steady(), Eq(local_.Steady()));
  EXPECT_THAT(clock_.SinceBoot(), Eq(local_.SinceBoot()));
}

TEST_F(OperatorClockTest, ASealedReplyTellsTheOperatorsTimeToAMillisecond) {
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

TEST_F(OperatorClockTest, ADateTellsTheOperatorsTimeToASecond) {
  date_ahead_ = absl::Minutes(10) + absl::Milliseconds(300);
  LearnDate();
  EXPECT_THAT(clock_.Now() - Date(), AllOf(Ge(absl::ZeroDuration()), Le(absl::Seconds(1))));
  EXPECT_THAT(clock_.offset(), Optional(clock_.Now() - local_.Now()));
}

TEST_F(OperatorClockTest, ALocalClockThatAgreesWithTheReplyIsKept) {
  const absl::Duration sent = local_.SinceBoot();
  local_.Advance(absl::Seconds(2));
  // Made somewhere between sending and receiving.
  for (const absl::Duration took : {absl::ZeroDuration(), absl::Seconds(1), absl::Seconds(2)}) {
    clock_.LearnSealed(kStart + took, sent);
    EXPECT_THAT(clock_.offset(), Optional(absl::ZeroDuration()));
  }
}

TEST_F(OperatorClockTest, AQuickReplySharpensWhatASlowOneToldAndNotTheOtherWayRound) {
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

TEST_F(OperatorClockTest, NoStepOfTheLocalClockAndNoSuspensionMovesAnEstimate) {
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

TEST_F(OperatorClockTest, ASealedTimeOutranksADateUntilItIsRefused) {
  operator_ahead_ = absl::Minutes(5);
  date_ahead_ = absl::Minutes(-5);
  LearnDate();
  EXPECT_THAT(*clock_.offset(), Le(absl::Minutes(-4)));
  LearnSealed();
  EXPECT_THAT(*clock_.offset(), Ge(absl::Minutes(5)));
  LearnDate();
  EXPECT_THAT(*clock_.offset(), Ge(absl::Minutes(5)));

  EXPECT_TRUE(clock_.LearnRefusal(clock_.NewStamp(), absl::nullopt));
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  LearnDate();
  EXPECT_THAT(*clock_.offset(), Le(absl::Minutes(-4)));
}

// What a refusal makes of the estimate, and whether it is worth another attempt.
struct Refusal {
  const char* situation;
  // The estimate that stamps the request: how far it is ahead of the local clock.
  enum { kNone, kFromDate, kFromSealed } estimate;
  absl::Duration estimate_ahead;
  // What happens while the request is under way.
  absl::Duration local_step;
  absl::Duration took;
  // The refusal's Date, ahead of the local clock as it was before the step.
  absl::optional<absl::Duration> date_ahead;

  bool worthwhile;
  // Thereafter, against the local clock as it was.
  absl::Duration stamps_ahead;
};

TEST_F(OperatorClockTest, ARefusalDropsWhatStampedTheRequestAndLooksAtDateThenLocalClock) {
  const absl::Duration zero = absl::ZeroDuration();
  const absl::Duration minute = absl::Minutes(1);
  const absl::Duration least = OperatorClock::kWorthwhile;
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
    EXPECT_THAT(clock.LearnRefusal(stamp, date), Eq(row.worthwhile));
    EXPECT_THAT(clock.Now(), Eq(kStart + row.took + row.stamps_ahead));
  }
}

TEST_F(OperatorClockTest, ALocalClockThatIsWrongIsCorrectedByADateAtTheCostOfOneRefusal) {
  local_.StepNow(absl::Minutes(10));
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(1));
  EXPECT_THAT(clock_.offset(), Optional(absl::Minutes(-10) + absl::Milliseconds(1)));
}

TEST_F(OperatorClockTest, ALocalClockThatIsWrongAndNoDateIsRefusedUntilTheClockIsMended) {
  local_.StepNow(absl::Minutes(10));
  EXPECT_FALSE(Call(/*dates=*/false));
  EXPECT_FALSE(Call(/*dates=*/false));
  EXPECT_THAT(refusals_, Eq(2));
  local_.StepNow(absl::Minutes(-10));
  EXPECT_TRUE(Call(/*dates=*/false));
}

TEST_F(OperatorClockTest, AWrongDateCostsARetryAndNoCallThatTheLocalClockWouldHaveServed) {
  date_ahead_ = absl::Hours(1);
  LearnDate();
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(1));
  // The sealed time is known now.
  LearnDate();
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(1));
}

TEST_F(OperatorClockTest, ADateThatWasRefusedIsNotBelievedAgainForSomeMinutes) {
  date_ahead_ = absl::Hours(1);
  LearnDate();
  EXPECT_TRUE(clock_.LearnRefusal(clock_.NewStamp(), Date()));
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  LearnDate();
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  EXPECT_FALSE(clock_.LearnRefusal(clock_.NewStamp(), Date()));

  local_.Advance(OperatorClock::kDateDistrust - absl::Nanoseconds(1));
  LearnDate();
  EXPECT_THAT(clock_.offset(), Eq(absl::nullopt));
  local_.Advance(absl::Nanoseconds(1));
  LearnDate();
  EXPECT_TRUE(clock_.offset().has_value());
}

TEST_F(OperatorClockTest, ASealedTimeEndsTheDistrustOfDates) {
  date_ahead_ = absl::Hours(1);
  LearnDate();
  EXPECT_TRUE(clock_.LearnRefusal(clock_.NewStamp(), Date()));
  LearnSealed();
  date_ahead_ = absl::Minutes(20);
  EXPECT_TRUE(clock_.LearnRefusal(clock_.NewStamp(), Date()));
  EXPECT_THAT(*clock_.offset(), Ge(absl::Minutes(19)));
}

TEST_F(OperatorClockTest, WhereLocalClockAndDateAreBothWrongTheRefusalsStayOneACall) {
  local_.StepNow(absl::Minutes(-10));
  date_ahead_ = absl::Hours(1);
  EXPECT_FALSE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(2));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Call(/*dates=*/true));
  EXPECT_THAT(refusals_, Eq(12));
}

TEST_F(OperatorClockTest, AnOperatorWhoseClockIsSetIsFollowed) {
  operator_ahead_ = absl::Minutes(1);
  ASSERT_TRUE(Call(/*dates=*/false));
  // Within its window: the next reply tells.
  operator_ahead_ = absl::Minutes(2);
  ASSERT_TRUE(Call(/*dates=*/false));
  EXPECT_THAT(clock_.offset(), Optional(absl::Minutes(2)));
  // Back, out of the window that the estimate hits: the local clock serves.
  operator_ahead_ = absl::ZeroDuration();
  ASSERT_TRUE(Call(/*dates=*/false));
  EXPECT_THAT(refusals_, Eq(1));
  EXPECT_THAT(clock_.offset(), Optional(absl::ZeroDuration()));
  // Away, out of every window: a Date tells.
  operator_ahead_ = date_ahead_ = absl::Hours(2);
  EXPECT_FALSE(Call(/*dates=*/false));
  EXPECT_TRUE(Call(/*dates=*/true));
  EXPECT_THAT(clock_.offset(), Optional(absl::Hours(2)));
}

TEST_F(OperatorClockTest, RefusalsOfAnOldEstimateDoNotDropTheNewOne) {
  LearnSealed();
  const std::vector<OperatorClock::Stamp> stamps(100, clock_.NewStamp());
  operator_ahead_ = date_ahead_ = absl::Minutes(10);
  EXPECT_TRUE(clock_.LearnRefusal(stamps[0], Date()));
  LearnSealed();
  const absl::Time corrected = clock_.Now();
  for (const OperatorClock::Stamp& stamp : stamps) {
    EXPECT_TRUE(clock_.LearnRefusal(stamp, Date()));
    EXPECT_TRUE(clock_.LearnRefusal(stamp, absl::nullopt));
  }
  EXPECT_THAT(clock_.Now(), Eq(corrected));
  local_.StepNow(absl::Hours(1));
  EXPECT_THAT(clock_.Now(), Eq(corrected));
}

TEST_F(OperatorClockTest, AddressesAreIndependent) {
  OperatorClock other(local_);
  operator_ahead_ = absl::Minutes(1);
  LearnSealed();
  EXPECT_THAT(other.Now(), Eq(local_.Now()));
  other.LearnSealed(local_.Now() - absl::Minutes(1), local_.SinceBoot());
  EXPECT_THAT(clock_.offset(), Optional(absl::Minutes(1)));
  EXPECT_TRUE(clock_.LearnRefusal(clock_.NewStamp(), absl::nullopt));
  EXPECT_THAT(other.offset(), Optional(absl::Minutes(-1) + absl::Milliseconds(1)));
}

TEST_F(OperatorClockTest, ConcurrentCallsLearnOneTime) {
  operator_ahead_ = date_ahead_ = absl::Hours(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int call = 0; call < 500; ++call) {
        const OperatorClock::Stamp stamp = clock_.NewStamp();
        if (Accepts(stamp)) {
          clock_.LearnSealed(OperatorTime(), stamp.since_boot);
        } else {
          EXPECT_TRUE(clock_.LearnRefusal(stamp, Date()));
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
