// SPDX-License-Identifier: Apache-2.0

#include "server/app/command_line.h"

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

ABSL_FLAG(std::string, sample_file, "",
          "A file with a text that is long enough to be continued "
          "on a second line when it is printed on a terminal.");
ABSL_FLAG(bool, sample_switch, false, "A switch.");
ABSL_FLAG(int, sample_number, 7, "A number.");
ABSL_FLAG(int, somebody_elses, 1, "A flag that a library brings along.");

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr absl::string_view kFlags[] = {"sample_file", "sample_switch", "sample_number"};

class CommandLineTest : public ::testing::Test {
 private:
  // Restores the flags after each test.
  absl::FlagSaver saver_;
};

TEST_F(CommandLineTest, NoArgumentsRunTheServerWithTheDefaults) {
  const auto request = ParseCommandLine({}, kFlags);
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(*request, Eq(CommandLineRequest::kRun));
  EXPECT_THAT(absl::GetFlag(FLAGS_sample_number), Eq(7));
}

TEST_F(CommandLineTest, AValueFollowsAnEqualsSignOrIsTheNextArgument) {
  for (const std::vector<std::string>& arguments : {
           std::vector<std::string>{"--sample_file=a=b", "--sample_number=5", "--sample_switch"},
           {"--sample_file", "a=b", "--sample_number", "5", "--sample_switch=true"},
           {"-sample-file=a=b", "-sample-number=5", "-sample-switch=1"},
       }) {
    absl::FlagSaver saver;
    const auto request = ParseCommandLine(arguments, kFlags);
    ASSERT_THAT(request, IsOk());
    EXPECT_THAT(*request, Eq(CommandLineRequest::kRun));
    EXPECT_THAT(absl::GetFlag(FLAGS_sample_file), Eq("a=b"));
    EXPECT_THAT(absl::GetFlag(FLAGS_sample_number), Eq(5));
    EXPECT_TRUE(absl::GetFlag(FLAGS_sample_switch));
  }
}

struct RequestCase {
  std::vector<std::string> arguments;
  CommandLineRequest request;
};

TEST_F(CommandLineTest, HelpAndVersionTakePrecedenceOverLaterArguments) {
  for (const RequestCase& expected : {
           RequestCase{{"--help"}, CommandLineRequest::kHelp},
           RequestCase{{"-h"}, CommandLineRequest::kHelp},
           RequestCase{{"-help", "--unknown"}, CommandLineRequest::kHelp},
           RequestCase{{"--version", "stray"}, CommandLineRequest::kVersion},
           RequestCase{{"--sample_number=1", "--version"}, CommandLineRequest::kVersion},
       }) {
    const auto request = ParseCommandLine(expected.arguments, kFlags);
    ASSERT_THAT(request, IsOk());
    EXPECT_THAT(*request, Eq(expected.request));
  }
}

struct WrongCase {
  std::vector<std::string> arguments;
  const char* message;
};

TEST_F(CommandLineTest, ABadArgumentIsNamedWithTheFix) {
  for (const WrongCase& expected : {
           WrongCase{{"--unknown"}, "there is no flag --unknown"},
           WrongCase{{"--unknown=1", "--help"}, "there is no flag --unknown"},
           // Flags defined by libraries are not the server's.
           WrongCase{{"--somebody_elses=1"}, "there is no flag --somebody_elses"},
           WrongCase{{"stray"}, "takes flags only, not \"stray\""},
           WrongCase{{"--sample_switch", "true"}, "takes flags only, not \"true\""},
           WrongCase{{"-"}, "takes flags only, not \"-\""},
           WrongCase{{""}, "takes flags only, not \"\""},
           WrongCase{{"--"}, "there is no flag --"},
           WrongCase{{"--=x"}, "there is no flag --"},
           WrongCase{{"--sample_file"}, "--sample_file needs a value: --sample_file=VALUE"},
           WrongCase{{"--sample_number=x"}, "sample_number"},
           WrongCase{{"--sample_switch=perhaps"}, "sample_switch"},
       }) {
    const auto request = ParseCommandLine(expected.arguments, kFlags);
    ASSERT_THAT(request, StatusIs(absl::StatusCode::kInvalidArgument)) << expected.message;
    EXPECT_THAT(
        std::string(request.status().message()),
        AllOf(HasSubstr(expected.message), HasSubstr("; identity_server --help lists the flags")));
  }
}

TEST_F(CommandLineTest, HelpListsEveryFlagWithItsDefaultInEightyColumns) {
  const std::string help = FlagsHelp(kFlags);
  EXPECT_THAT(help, HasSubstr("  --sample_file\n      A file with a text that is long enough"));
  EXPECT_THAT(help, HasSubstr("  --sample_switch (default: false)\n      A switch.\n"));
  EXPECT_THAT(help, HasSubstr("  --sample_number (default: 7)\n      A number.\n"));
  EXPECT_THAT(help, Not(HasSubstr("somebody_elses")));
  size_t begin = 0;
  for (size_t end; (end = help.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_THAT(end - begin, Le(80U));
  }
}

}  // namespace
}  // namespace uid2
