// SPDX-License-Identifier: Apache-2.0

#include "server/identity/whole_number.h"

#include <cstdint>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

TEST(WholeNumberTest, HasOneValueHoweverItIsWritten) {
  const struct {
    const char* number;
    int64_t value;
  } kCases[] = {
      {"0", 0},
      {"-0", 0},
      {"-0.0e5", 0},
      {"0e999999", 0},
      {"0.000", 0},
      {"1795929428852", 1795929428852},
      {"1795929428852.0", 1795929428852},
      {"1795929428852.000e0", 1795929428852},
      {"1795929428852e0", 1795929428852},
      {"1.795929428852e12", 1795929428852},
      {"1.795929428852E+12", 1795929428852},
      {"1.8e12", 1800000000000},
      {"18e11", 1800000000000},
      {"17959294288520000e-4", 1795929428852},
      {"0.0018e15", 1800000000000},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"9.223372036854775807e18", std::numeric_limits<int64_t>::max()},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(WholeNumber(test.number), Eq(test.value)) << test.number;
  }
}

TEST(WholeNumberTest, IsNotAnyOtherNumber) {
  for (const char* number : {"-1", "-1.0", "-1e3", "0.5", "1.5", "1e-1", "1795929428852.5", "1.8e0",
                             // A double would round these.
                             "1795929428852.0000000000001", "1e-999999999", "9223372036854775808",
                             "9.223372036854775808e18", "99999999999999999999", "1e19",
                             "1e999999999", "1e99999999999999999999", "123e2147483647"}) {
    EXPECT_THAT(WholeNumber(number), Eq(absl::nullopt)) << number;
  }
}

}  // namespace
}  // namespace uid2
