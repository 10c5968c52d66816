// SPDX-License-Identifier: Apache-2.0

#include "server/config/config_checker.h"

#include <cmath>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::DoubleEq;
using ::testing::Eq;
using ::testing::IsEmpty;

// A checker of a whole file, and the problems that it finds.
class ConfigCheckerTest : public ::testing::Test {
 protected:
  static std::string Write(const std::string& text) {
    const std::string path = absl::StrCat(::testing::TempDir(), "/server.txtpb");
    std::ofstream(path) << text;
    return path;
  }

  // Problems without the file name.
  static std::string ProblemsOf(const ConfigSource& source) {
    return absl::StrReplaceAll(absl::StrJoin(source.problems(), "\n"),
                               {{absl::StrCat(::testing::TempDir(), "/server.txtpb"), ""}});
  }
};

TEST_F(ConfigCheckerTest, AnUnsetFieldHasItsDefaultUnchecked) {
  ConfigSource source(Write(""));
  ConfigChecker checker(source);
  EXPECT_THAT(checker.Number("workers", false, 0, 3, 10, 20), Eq(3));
  EXPECT_THAT(checker.Share("max_caller_share", false, 0, 0.5, false, "from 0 to 1"),
              DoubleEq(0.5));
  EXPECT_THAT(checker.Duration("max_call_time", false, {}, absl::Seconds(5), absl::Seconds(10),
                               absl::Seconds(20)),
              Eq(absl::Seconds(5)));
  EXPECT_THAT(source.problems(), IsEmpty());
}

TEST_F(ConfigCheckerTest, AValueOutOfRangeIsReportedOnItsLineAndReturned) {
  ConfigSource source(Write("workers: 21\nmax_caller_share: nan\nmax_call_time { seconds: 21 }\n"));
  ConfigChecker checker(source);
  EXPECT_THAT(checker.Number("workers", true, 21, 3, 10, 20), Eq(21));
  EXPECT_TRUE(std::isnan(
      checker.Share("max_caller_share", true, NAN, 0.5, false, "above 0 and at most 1")));
  EXPECT_THAT(checker.Duration("max_call_time", true, source.config().max_call_time(),
                               absl::Seconds(5), absl::Milliseconds(10), absl::Seconds(20)),
              Eq(absl::Seconds(21)));
  EXPECT_THAT(ProblemsOf(source), Eq(":1: workers: must be from 10 to 20\n"
                                     ":2: max_caller_share: must be above 0 and at most 1\n"
                                     ":3: max_call_time: must be from 10ms to 20s"));
}

TEST_F(ConfigCheckerTest, BothEndsOfARangeAreIncluded) {
  ConfigSource source(Write("workers: 10\n"));
  ConfigChecker checker(source);
  EXPECT_THAT(checker.Number("workers", true, 10, 3, 10, 20), Eq(10));
  EXPECT_THAT(checker.Number("workers", true, 20, 3, 10, 20), Eq(20));
  EXPECT_THAT(source.problems(), IsEmpty());
}

TEST_F(ConfigCheckerTest, ADurationThatOverflowsDoesNotWrapAroundIntoTheRange) {
  ConfigSource source(Write("max_call_time { seconds: 9223372036854775807 nanos: 999999999 }\n"));
  ConfigChecker(source).Duration("max_call_time", true, source.config().max_call_time(),
                                 absl::Seconds(5), absl::ZeroDuration(), absl::Hours(1));
  EXPECT_THAT(ProblemsOf(source), Eq(":1: max_call_time: must be from 0 to 1h"));
}

TEST_F(ConfigCheckerTest, ADurationWhoseNanosecondsAreInvalidIsReported) {
  for (const char* value :
       {"nanos: 1000000000", "nanos: 2000000000", "seconds: 1 nanos: -5", "nanos: -1000000000"}) {
    ConfigSource source(Write(absl::StrCat("\nmax_call_time { ", value, " }\n")));
    ConfigChecker(source).Duration("max_call_time", true, source.config().max_call_time(),
                                   absl::Seconds(5), absl::ZeroDuration(), absl::Hours(1));
    EXPECT_THAT(ProblemsOf(source), Eq(":2: max_call_time: nanos must be from 0 to 999999999; "
                                       "write whole seconds as seconds"))
        << value;
  }
}

TEST_F(ConfigCheckerTest, AnEnumeratedFieldHasAValueThatIsKnownOrIsNotSet) {
  ConfigSource source(
      Write("participants { scope: EUID dii_policy: 9 }\nparticipants { scope: SCOPE_UNSPECIFIED "
            "dii_policy: 2 }\n"));
  const ConfigChecker checker(source);
  ConfigChecker wrong = checker.Nested("participants", source.config().participants(0), 0);
  EXPECT_TRUE(wrong.Enumerated("scope"));
  EXPECT_FALSE(wrong.Enumerated("dii_policy"));
  ConfigChecker right = checker.Nested("participants", source.config().participants(1), 1);
  EXPECT_TRUE(right.Enumerated("scope"));
  EXPECT_TRUE(right.Enumerated("dii_policy"));
  EXPECT_THAT(ProblemsOf(source),
              Eq(":1: dii_policy: 9 is not a value of this field; set it to STRICT or OPERATOR"));
}

TEST_F(ConfigCheckerTest, AProblemInsideAMessageHasItsOwnLineOrThatOfTheMessage) {
  ConfigSource source(
      Write("\nparticipants {\n  operator_url: \"a\"\n"
            "  operator_url: [\"b\", \"c\"]\n}\n"));
  ConfigChecker checker =
      ConfigChecker(source).Nested("participants", source.config().participants(0), 0);
  checker.Problem("name", "is missing");
  checker.Problem("operator_url", "first", 0);
  checker.Notice("name", "is noticed");
  EXPECT_THAT(ProblemsOf(source), Eq(":2: name: is missing\n:3: operator_url: first"));
  EXPECT_THAT(source.notices().size(), Eq(1U));
}

TEST_F(ConfigCheckerTest, AProblemInAnUnsetMessageHasNoLine) {
  ConfigSource source(Write("\nworkers: 1\n"));
  ConfigChecker(source).Nested("drain", source.config().drain()).Problem("delay", "is missing");
  EXPECT_THAT(ProblemsOf(source), Eq(": delay: is missing"));
}

}  // namespace
}  // namespace uid2
