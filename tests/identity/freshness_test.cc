// SPDX-License-Identifier: Apache-2.0

#include "server/identity/freshness.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace uid2 {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(1);

class FreshnessTest : public ::testing::Test {
 protected:
  FreshnessTest() {
    identity_.refresh_from = 1000;
    identity_.identity_expires = 2000;
    identity_.refresh_expires = 3000;
  }

  Identity identity_;
};

TEST_F(FreshnessTest, EachLimitIsReachedExactlyAtItsTime) {
  const absl::Time from = absl::FromUnixMillis(1000);
  EXPECT_FALSE(IsRefreshDue(identity_, from - kTick));
  EXPECT_TRUE(IsRefreshDue(identity_, from));
  const absl::Time expires = absl::FromUnixMillis(2000);
  EXPECT_TRUE(IsAdvertisingTokenGood(identity_, expires - kTick));
  EXPECT_FALSE(IsAdvertisingTokenGood(identity_, expires));
  const absl::Time end = absl::FromUnixMillis(3000);
  EXPECT_FALSE(IsRefreshTokenExpired(identity_, end - kTick));
  EXPECT_TRUE(IsRefreshTokenExpired(identity_, end));
}

TEST_F(FreshnessTest, AnExpiredAdvertisingTokenIsDueWhateverRefreshFromSays) {
  identity_.refresh_from = 2500;
  EXPECT_FALSE(IsRefreshDue(identity_, absl::FromUnixMillis(1999)));
  EXPECT_TRUE(IsRefreshDue(identity_, absl::FromUnixMillis(2000)));
}

TEST_F(FreshnessTest, ExtremeTimesDoNotOverflow) {
  identity_.refresh_from = identity_.identity_expires = identity_.refresh_expires = INT64_MAX;
  EXPECT_FALSE(IsRefreshDue(identity_, absl::FromUnixSeconds(1900000000)));
  identity_.refresh_from = identity_.identity_expires = identity_.refresh_expires = 0;
  EXPECT_TRUE(IsRefreshTokenExpired(identity_, absl::FromUnixSeconds(1900000000)));
}

}  // namespace
}  // namespace uid2
