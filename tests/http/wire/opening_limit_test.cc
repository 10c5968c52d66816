// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/opening_limit.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using std::chrono::milliseconds;
using ::testing::Eq;
using ::testing::Gt;
using ::testing::Lt;

// Begins as many as the limit permits.
int Fill(OpeningLimit& limit) {
  int begun = 0;
  for (; !limit.reached(); ++begun) limit.Begin();
  return begun;
}

// How many may be in progress after rounds of handshakes that each take that long.
int AfterRounds(OpeningLimit& limit, int rounds, milliseconds took) {
  for (int round = 0; round < rounds; ++round) {
    for (int left = Fill(limit); left > 0; --left) limit.Opened(took);
  }
  const int permitted = Fill(limit);
  for (int left = permitted; left > 0; --left) limit.End();
  return permitted;
}

TEST(OpeningLimitTest, FewAreOpenedAtFirst) {
  OpeningLimit limit(0);
  EXPECT_THAT(Fill(limit), Eq(OpeningLimit::kFirst));
}

TEST(OpeningLimitTest, EachConnectionThatIsOpenIsOneFewerExceptForTheLeast) {
  const std::pair<size_t, int> cases[] = {
      {1, OpeningLimit::kFirst - 1},
      {OpeningLimit::kFirst - OpeningLimit::kLeast - 1, OpeningLimit::kLeast + 1},
      {OpeningLimit::kFirst, OpeningLimit::kLeast},
      {SIZE_MAX, OpeningLimit::kLeast}};
  for (const auto& [open, first] : cases) {
    OpeningLimit limit(open);
    EXPECT_THAT(Fill(limit), Eq(first)) << open;
  }
}

TEST(OpeningLimitTest, DoublesWithEachRoundWhileTheServerKeepsUp) {
  OpeningLimit limit(0);
  EXPECT_THAT(AfterRounds(limit, 5, milliseconds(60)), Eq(32 * OpeningLimit::kFirst));
}

TEST(OpeningLimitTest, DoesNotGrowIfTheServerIsSlow) {
  OpeningLimit limit(0);
  limit.Begin();
  limit.Opened(milliseconds(2));
  EXPECT_THAT(AfterRounds(limit, 5, milliseconds(60)), Eq(OpeningLimit::kFirst));
}

TEST(OpeningLimitTest, ShrinksToTheFirstAgainIfTheServerBecomesSlow) {
  OpeningLimit limit(0);
  const int before = AfterRounds(limit, 3, milliseconds(10));
  const int slower = AfterRounds(limit, 1, milliseconds(16));
  EXPECT_THAT(before, Gt(OpeningLimit::kFirst));
  EXPECT_THAT(slower, Lt(before));
  EXPECT_THAT(AfterRounds(limit, 5, milliseconds(16)), Eq(OpeningLimit::kFirst));
}

TEST(OpeningLimitTest, ShrinksToTheLeastIfConnectionsAreOpen) {
  OpeningLimit limit(100);
  EXPECT_THAT(AfterRounds(limit, 1, milliseconds(10)), Eq(2 * OpeningLimit::kLeast));
  EXPECT_THAT(AfterRounds(limit, 2, milliseconds(20)), Eq(OpeningLimit::kLeast));
}

TEST(OpeningLimitTest, GrowsWhileTheTimeVariesByHalfAtMost) {
  OpeningLimit limit(100);
  AfterRounds(limit, 1, milliseconds(10));
  EXPECT_THAT(AfterRounds(limit, 1, milliseconds(15)), Eq(4 * OpeningLimit::kLeast));
}

TEST(OpeningLimitTest, AnEndThatSaysNothingAboutTheServerChangesNothing) {
  OpeningLimit limit(0);
  for (int i = 0; i < 100; ++i) {
    limit.Begin();
    limit.End();
  }
  EXPECT_TRUE(limit.unused());
  EXPECT_THAT(Fill(limit), Eq(OpeningLimit::kFirst));
  EXPECT_FALSE(limit.unused());
}

}  // namespace
}  // namespace uid2
