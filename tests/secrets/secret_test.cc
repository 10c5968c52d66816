// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/secret.h"

#include <new>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

using ::testing::Each;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T,
                   std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);

TEST(SecretTest, TakesTheBytesAndWipesTheSource) {
  std::string source = "a secret that does not fit into the string object itself";
  const char* bytes = source.data();
  const size_t size = source.size();
  const Secret secret(std::move(source));
  EXPECT_THAT(secret.Reveal(SecretAccess()),
              Eq("a secret that does not fit into the string object itself"));
  // The source keeps its buffer, so the test can check what is left in it.
  EXPECT_THAT(std::string(bytes, size), Each(Eq('\0')));
}

TEST(SecretTest, MovingLeavesNothingBehind) {
  Secret first(std::string("short"));
  Secret second = std::move(first);
  EXPECT_THAT(second.Reveal(SecretAccess()), Eq("short"));
  // NOLINTNEXTLINE(bugprone-use-after-move): what this test checks
  EXPECT_THAT(first.Reveal(SecretAccess()), Eq(""));
  Secret third(std::string("other"));
  third = std::move(second);
  EXPECT_THAT(third.Reveal(SecretAccess()), Eq("short"));
  EXPECT_THAT(second.Reveal(SecretAccess()), Eq(""));  // NOLINT(bugprone-use-after-move)
}

TEST(SecretTest, AShortSecretLeavesNothingInTheObjectItWasMovedFromOrThatIsDestroyed) {
  // As short as this, the bytes are inside the object.
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  const auto bytes = [&memory] {
    return std::string(reinterpret_cast<const char*>(memory), sizeof(memory));
  };
  auto* const moved = new (memory) Secret(std::string("canary"));
  ASSERT_THAT(bytes(), HasSubstr("canary"));
  const Secret other = std::move(*moved);
  EXPECT_THAT(bytes(), Not(HasSubstr("anary")));
  moved->~Secret();
  auto* const destroyed = new (memory) Secret(std::string("canary"));
  ASSERT_THAT(bytes(), HasSubstr("canary"));
  destroyed->~Secret();
  EXPECT_THAT(bytes(), Not(HasSubstr("anary")));
}

TEST(SecretTest, CannotBePrinted) {
  EXPECT_TRUE(IsPrintable<std::string>::value);
  EXPECT_FALSE(IsPrintable<Secret>::value);
}

// Time cannot be asserted on a busy machine, so this asserts what makes it constant: an early
// difference and a late one are both found, whatever the size.
TEST(SecretTest, ADifferenceIsFoundAtEveryPosition) {
  for (const size_t size : {1U, 15U, 16U, 32U, 500U}) {
    const Secret secret(std::string(size, 'x'));
    EXPECT_TRUE(secret == Secret(std::string(size, 'x')));
    for (size_t i = 0; i < size; ++i) {
      std::string other(size, 'x');
      other[i] = 'y';
      EXPECT_TRUE(secret != Secret(std::move(other))) << i << " of " << size;
    }
  }
}

TEST(SecretTest, ComparesByContent) {
  EXPECT_TRUE(Secret(std::string("a")) == Secret(std::string("a")));
  EXPECT_TRUE(Secret(std::string("a")) != Secret(std::string("b")));
  EXPECT_TRUE(Secret(std::string("a")) != Secret(std::string("ab")));
  EXPECT_TRUE(Secret(std::string()) == Secret(std::string()));
}

}  // namespace
}  // namespace uid2
