// SPDX-License-Identifier: Apache-2.0

#include "server/operator/failure_kind.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(FailureKindTest, EveryKindHasANameOfItsOwnThatTheDocumentOfTheLogExplains) {
  std::ifstream file("docs/log.md");
  const std::string document((std::istreambuf_iterator<char>(file)), {});
  constexpr int kKinds = static_cast<int>(FailureKind::kCancelled) + 1;
  std::set<std::string> names;
  for (int i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<FailureKind>(i);
    const std::string quoted = absl::StrCat("`", NameOf(kind), "`");
    names.insert(quoted);
    if (kind == FailureKind::kSuspended) {
      // No attempt is made, so none is logged.
      EXPECT_THAT(document, Not(HasSubstr(quoted)));
    } else {
      EXPECT_THAT(document, HasSubstr(quoted));
    }
  }
  EXPECT_THAT(names, SizeIs(kKinds));
}

}  // namespace
}  // namespace uid2
