// SPDX-License-Identifier: Apache-2.0

#include "client/cli/nearest.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2::cli {
namespace {

using ::testing::Eq;

TEST(NearestTest, AMisspelledWordFindsTheIntendedName) {
  const std::vector<absl::string_view> kNames = {"email", "email_hash", "phone", "timeout", "ca"};
  const struct {
    std::string word;
    std::string nearest;
  } kCases[] = {
      {"emial", "email"},
      {"mail", "email"},
      {"e-mail", "email"},
      {"timout", "timeout"},
      {"emailhash", "email_hash"},
      {"fone", "phone"},
      {"tim", "timeout"},
      {"cs", "ca"},
      {"participant", ""},
      {"", ""},
      {"zzzz", ""},
      {std::string(1000, 'e'), ""},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(std::string(Nearest(test.word, kNames)), Eq(test.nearest)) << test.word;
  }
}

}  // namespace
}  // namespace uid2::cli
