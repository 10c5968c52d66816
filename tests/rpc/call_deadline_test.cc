// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/call_deadline.h"

#include <chrono>
#include <cstdint>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

struct Row {
  const char* situation;
  absl::Duration callers;
  absl::Duration left;
  bool is_callers;
};

TEST(DecideDeadlineTest, IsTheCallersMinusAMarginOrTheServersMaximum) {
  const Row rows[] = {
      {"the caller is impatient", absl::Seconds(1), absl::Milliseconds(970), true},
      {"the caller is patient", absl::Minutes(10), absl::Seconds(5), false},
      {"the caller set none", absl::InfiniteDuration(), absl::Seconds(5), false},
      {"both are the same", absl::Milliseconds(5030), absl::Seconds(5), false},
      {"less than the margin is left", absl::Milliseconds(10), absl::Milliseconds(-20), true},
      {"it has passed already", absl::Seconds(-3), absl::Milliseconds(-3030), true},
  };
  const absl::Time now = absl::FromUnixSeconds(1900000000);
  const CallContext::TimePoint steady(std::chrono::hours(7));
  for (const Row& row : rows) {
    const CallDeadline deadline = DecideDeadline(now + row.callers, now, steady, {});
    EXPECT_THAT(absl::FromChrono(deadline.time - steady), Eq(row.left)) << row.situation;
    EXPECT_THAT(deadline.is_callers, Eq(row.is_callers)) << row.situation;
  }
}

TEST(DecideDeadlineTest, MarginAndMaximumAreConfigurable) {
  const DeadlineOptions options = {absl::Seconds(2), absl::Milliseconds(200)};
  const absl::Time now = absl::FromUnixSeconds(1900000000);
  EXPECT_EQ(DecideDeadline(now + absl::Seconds(1), now, {}, options).time,
            CallContext::TimePoint(std::chrono::milliseconds(800)));
  EXPECT_EQ(DecideDeadline(now + absl::Seconds(9), now, {}, options).time,
            CallContext::TimePoint(std::chrono::seconds(2)));
}

TEST(DecideDeadlineTest, GrpcsInfiniteDeadlineIsNoDeadline) {
  const CallDeadline deadline =
      DecideDeadline(absl::FromUnixSeconds(std::numeric_limits<int64_t>::max()),
                     absl::FromUnixSeconds(1900000000), {}, {});
  EXPECT_FALSE(deadline.is_callers);
}

}  // namespace
}  // namespace uid2
