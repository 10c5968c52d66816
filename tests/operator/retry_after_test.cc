// SPDX-License-Identifier: Apache-2.0

#include "server/operator/retry_after.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110, section 5.6.7.
const absl::Time kNow = absl::FromUnixSeconds(784111777);

struct Row {
  const char* situation;
  const char* text;
  absl::optional<absl::Duration> wait;
};

TEST(ParseRetryAfterTest, AcceptsSecondsAndDatesAndNothingElse) {
  const Row rows[] = {
      {"absent", "", absl::nullopt},
      {"at once", "0", absl::ZeroDuration()},
      {"seconds", "120", absl::Seconds(120)},
      {"white space around", " 7\t", absl::Seconds(7)},
      {"a day", "86400", absl::Hours(24)},
      {"more than a day", "86401", absl::nullopt},
      {"more than 64 bits", "99999999999999999999", absl::nullopt},
      {"negative", "-1", absl::nullopt},
      {"a fraction", "1.5", absl::nullopt},
      {"a word", "soon", absl::nullopt},
      {"a date", "Sun, 06 Nov 1994 08:49:47 GMT", absl::Seconds(10)},
      {"a date in RFC 850's form", "Sunday, 06-Nov-94 08:49:47 GMT", absl::Seconds(10)},
      {"a date in asctime's form", "Sun Nov  6 08:49:47 1994", absl::Seconds(10)},
      {"now", "Sun, 06 Nov 1994 08:49:37 GMT", absl::ZeroDuration()},
      {"a date in the past", "Sun, 06 Nov 1994 08:49:36 GMT", absl::nullopt},
      {"a date too far", "Tue, 08 Nov 1994 08:49:37 GMT", absl::nullopt},
      {"a date that is none", "Sun, 31 Feb 1995 08:49:37 GMT", absl::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(ParseRetryAfter(row.text, kNow), Eq(row.wait)) << row.situation;
  }
}

}  // namespace
}  // namespace uid2
