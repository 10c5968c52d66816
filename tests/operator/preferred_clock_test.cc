// SPDX-License-Identifier: Apache-2.0

#include "server/operator/preferred_clock.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/operator_clock.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::SimulatedClock;

const absl::Time kStart = absl::FromUnixMillis(1900000000000);

TEST(PreferredClockTest, IsTheFirstAddressWithAKnownTimeOrElseTheLocalClock) {
  SimulatedClock local(kStart);
  OperatorClock first(local);
  OperatorClock second(local);
  const PreferredClock clock({&first, &second}, local);
  EXPECT_THAT(clock.Now(), Eq(kStart));
  local.StepNow(absl::Hours(-1));
  EXPECT_THAT(clock.Now(), Eq(kStart - absl::Hours(1)));

  second.LearnSealed(kStart, local.SinceBoot());
  EXPECT_THAT(clock.Now(), Eq(kStart));
  first.LearnDate(kStart + absl::Minutes(1), local.SinceBoot());
  EXPECT_THAT(clock.Now(), Eq(kStart + absl::Minutes(1)));
  local.StepNow(absl::Hours(5));
  EXPECT_THAT(clock.Now(), Eq(kStart + absl::Minutes(1)));
  local.Advance(absl::Seconds(1));
  EXPECT_THAT(clock.Now(), Eq(kStart + absl::Seconds(61)));
}

}  // namespace
}  // namespace uid2
