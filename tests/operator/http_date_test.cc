// SPDX-License-Identifier: Apache-2.0

#include "server/operator/http_date.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

// The example of RFC 9110, section 5.6.7.
const absl::Time kExample = absl::FromUnixSeconds(784111777);

struct Row {
  const char* situation;
  const char* text;
  absl::optional<absl::Time> date;
};

TEST(ParseHttpDateTest, AcceptsTheThreeFormsAndNothingElse) {
  const Row rows[] = {
      {"the form of today", "Sun, 06 Nov 1994 08:49:37 GMT", kExample},
      {"RFC 850's form", "Sunday, 06-Nov-94 08:49:37 GMT", kExample},
      {"RFC 850's form, the year before 2069", "Tuesday, 06-Nov-68 08:49:37 GMT",
       absl::FromCivil(absl::CivilSecond(2068, 11, 6, 8, 49, 37), absl::UTCTimeZone())},
      {"asctime's form", "Sun Nov  6 08:49:37 1994", kExample},
      {"asctime's form, a day of two digits", "Wed Nov 16 08:49:37 1994",
       kExample + absl::Hours(10 * 24)},
      {"a leap second", "Sat, 31 Dec 2016 23:59:60 GMT",
       absl::FromCivil(absl::CivilSecond(2017, 1, 1), absl::UTCTimeZone())},
      {"absent", "", absl::nullopt},
      {"a word", "yesterday", absl::nullopt},
      {"a number", "784111777", absl::nullopt},
      {"another time zone", "Sun, 06 Nov 1994 08:49:37 CET", absl::nullopt},
      {"no time zone", "Sun, 06 Nov 1994 08:49:37", absl::nullopt},
      {"RFC 3339's form", "1994-11-06T08:49:37Z", absl::nullopt},
      {"a day that is none", "Sun, 31 Feb 1995 08:49:37 GMT", absl::nullopt},
      {"an hour that is none", "Sun, 06 Nov 1994 24:49:37 GMT", absl::nullopt},
      {"two of them", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
       absl::nullopt},
      {"Abseil's word for never", "infinite-future", absl::nullopt},
      {"Abseil's word for always", "infinite-past", absl::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(ParseHttpDate(row.text), Eq(row.date)) << row.situation;
  }
}

}  // namespace
}  // namespace uid2
