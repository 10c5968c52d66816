// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/secret.h"

#include <string>
#include <type_traits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Each;
using ::testing::Eq;

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);

TEST(SecretTest, TakesTheBytesAndWipesTheSource) {
  std::string source = "a secret that does not fit into the string object itself";
  const char* bytes = source.data();
  const size_t size = source.size();
  const Secret secret(std::move(source));
  EXPECT_THAT(secret.Reveal(), Eq("a secret that does not fit into the string object itself"));
  // The source keeps its buffer, so the test can check what is left in it.
  EXPECT_THAT(std::string(bytes, size), Each(Eq('\0')));
}

TEST(SecretTest, MovingLeavesNothingBehind) {
  Secret first(std::string("short"));
  Secret second = std::move(first);
  EXPECT_THAT(second.Reveal(), Eq("short"));
  EXPECT_THAT(first.Reveal(), Eq(""));  // NOLINT(bugprone-use-after-move): what it checks
  Secret third(std::string("other"));
  third = std::move(second);
  EXPECT_THAT(third.Reveal(), Eq("short"));
  EXPECT_THAT(second.Reveal(), Eq(""));  // NOLINT(bugprone-use-after-move)
}

TEST(SecretTest, ComparesByContent) {
  EXPECT_TRUE(Secret(std::string("a")) == Secret(std::string("a")));
  EXPECT_TRUE(Secret(std::string("a")) != Secret(std::string("b")));
  EXPECT_TRUE(Secret(std::string("a")) != Secret(std::string("ab")));
  EXPECT_TRUE(Secret(std::string()) == Secret(std::string()));
}

}  // namespace
}  // namespace uid2
