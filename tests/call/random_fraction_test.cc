// SPDX-License-Identifier: Apache-2.0

#include "server/call/random_fraction.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::Lt;

TEST(RandomFractionTest, CoversTheRangeEvenly) {
  constexpr int kDraws = 10000;
  std::set<double> drawn;
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = RandomFraction();
    EXPECT_THAT(draw, AllOf(Ge(0), Lt(1)));
    drawn.insert(draw);
    sum += draw;
  }
  EXPECT_THAT(*drawn.begin(), Lt(0.01));
  EXPECT_THAT(*drawn.rbegin(), Gt(0.99));
  // Ten standard deviations.
  EXPECT_THAT(sum / kDraws, DoubleNear(0.5, 0.029));
}

}  // namespace
}  // namespace uid2
