// SPDX-License-Identifier: Apache-2.0

#include "server/config/config_source.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string PathOf(const std::string& text) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/server.txtpb");
  std::ofstream(path) << text;
  return path;
}

TEST(ConfigSourceTest, AWrittenFieldIsReadAndItsLineIsKnown) {
  const ConfigSource source(
      PathOf("# comment\nlisten_address: \"127.0.0.1:1\"\nparticipants {\n"
             "  name: \"brand\"\n  operator_url: \"a\"\n"
             "  operator_url: \"b\"\n}\n"));
  EXPECT_TRUE(source.parsed());
  EXPECT_THAT(source.problems(), IsEmpty());
  EXPECT_THAT(source.config().listen_address(), Eq("127.0.0.1:1"));
  const auto line = [&source](const std::string& field, int index = -1) {
    return ConfigSource::LineOf(&source.tree(), source.config(), field, index);
  };
  EXPECT_THAT(line("listen_address"), Eq(2));
  EXPECT_THAT(line("participants", 0), Eq(3));
  // Not in the file; no such field; a repeated field without an index, or the other way round.
  EXPECT_THAT(line("workers"), Eq(0));
  EXPECT_THAT(line("unknown"), Eq(0));
  EXPECT_THAT(line("participants"), Eq(0));
  EXPECT_THAT(line("listen_address", 0), Eq(0));

  const auto& participant = source.config().participants(0);
  const ConfigSource::Tree* tree = source.tree().GetTreeForNested(
      source.config().GetDescriptor()->FindFieldByName("participants"), 0);
  EXPECT_THAT(ConfigSource::LineOf(tree, participant, "operator_url", 1), Eq(6));
  EXPECT_THAT(ConfigSource::LineOf(nullptr, participant, "operator_url", 1), Eq(0));
}

TEST(ConfigSourceTest, EveryUnknownFieldIsAProblemAndTheOtherFieldsAreRead) {
  const std::string path = PathOf("unknown: 1\nlisten_address: \"127.0.0.1:1\"\nother: 2\n");
  const ConfigSource source(path);
  EXPECT_TRUE(source.parsed());
  EXPECT_THAT(source.problems(), ElementsAre(StartsWith(absl::StrCat(path, ":1:")),
                                             StartsWith(absl::StrCat(path, ":3:"))));
  EXPECT_THAT(source.config().listen_address(), Eq("127.0.0.1:1"));
}

struct BrokenCase {
  const char* situation;
  const char* text;
  const char* place;
};

TEST(ConfigSourceTest, AFileThatCannotBeParsedReportsThePlace) {
  for (const BrokenCase& expected : {
           BrokenCase{"unclosed message", "participants {\n", ":2:1: "},
           BrokenCase{"wrong type", "\nlisten_address: 5\n", ":2:17: "},
           BrokenCase{"not text format", "{\"listen_address\": 1}", ":1:"},
       }) {
    const std::string path = PathOf(expected.text);
    const ConfigSource source(path);
    EXPECT_FALSE(source.parsed()) << expected.situation;
    ASSERT_THAT(source.problems(), ::testing::Not(IsEmpty())) << expected.situation;
    EXPECT_THAT(source.problems()[0], StartsWith(path + expected.place)) << expected.situation;
  }
}

TEST(ConfigSourceTest, AnUnreadableFileIsReportedWithTheSystemsMessage) {
  const ConfigSource source("/nonexistent/server.txtpb");
  EXPECT_FALSE(source.parsed());
  EXPECT_THAT(source.problems(), ElementsAre("/nonexistent/server.txtpb: cannot read: "
                                             "No such file or directory"));
}

TEST(ConfigSourceTest, AFileThatIsNotPlainTextIsReportedInWordsThatSayWhatToDo) {
  const struct {
    std::string content;
    const char* problem;
  } kCases[] = {
      {"\xef\xbb\xbfworkers: 1\n",
       "it begins with a byte order mark; save it as UTF-8 without one"},
      {std::string("\xff\xfew\0o\0", 6), "it is in UTF-16; save it as UTF-8"},
      {std::string((1 << 20) + 1, ' '), "it is larger than 1048576 bytes"},
  };
  for (const auto& test : kCases) {
    const std::string path = PathOf(test.content);
    const ConfigSource source(path);
    EXPECT_FALSE(source.parsed());
    EXPECT_THAT(source.problems(),
                ElementsAre(absl::StrCat(path, ": cannot read: ", test.problem)));
  }
}

TEST(ConfigSourceTest, APipeOrAFolderIsReportedAtOnce) {
  const std::string pipe = absl::StrCat(::testing::TempDir(), "/pipe");
  ASSERT_THAT(mkfifo(pipe.c_str(), 0600), Eq(0));
  EXPECT_THAT(ConfigSource(pipe).problems(),
              ElementsAre(absl::StrCat(pipe, ": cannot read: it is a pipe, not a regular file")));
  const std::string folder = ::testing::TempDir();
  EXPECT_THAT(
      ConfigSource(folder).problems(),
      ElementsAre(absl::StrCat(folder, ": cannot read: it is a folder, not a regular file")));
}

TEST(ConfigSourceTest, ProblemsAndNoticesAreSeparateAndNameTheLineIfThereIsOne) {
  const std::string path = PathOf("");
  ConfigSource source(path);
  source.AddProblem(7, "wrong");
  source.AddProblem(0, "missing");
  source.AddNotice(3, "lowered");
  EXPECT_THAT(source.problems(), ElementsAre(path + ":7: wrong", path + ": missing"));
  EXPECT_THAT(source.notices(), ElementsAre(path + ":3: lowered"));
}

// Else a value could add a line, or change what a terminal shows.
TEST(ConfigSourceTest, ControlCharactersOfAValueAreEscapedInProblemsAndNotices) {
  ConfigSource source(PathOf(""));
  source.AddProblem(2, "not \"a\nb\x1b[1m\x7f\"");
  source.AddNotice(0, absl::string_view("zero \0", 6));
  EXPECT_THAT(source.problems(), ElementsAre(EndsWith(":2: not \"a\\x0ab\\x1b[1m\\x7f\"")));
  EXPECT_THAT(source.notices(), ElementsAre(EndsWith(": zero \\x00")));
}

TEST(ConfigSourceTest, RelativePathsAreResolvedAgainstTheFilesDirectory) {
  EXPECT_THAT(ConfigSource("/nonexistent/server.txtpb").Resolve("credentials"),
              Eq("/nonexistent/credentials"));
  EXPECT_THAT(ConfigSource("/nonexistent/server.txtpb").Resolve("/run/key"), Eq("/run/key"));
  EXPECT_THAT(ConfigSource("nonexistent.txtpb").Resolve("credentials"), Eq("credentials"));
}

}  // namespace
}  // namespace uid2
