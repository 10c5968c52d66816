// SPDX-License-Identifier: Apache-2.0

#include "server/event/regular_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr size_t kMaxSize = 8192;

std::string PathOf(const char* name) { return absl::StrCat(::testing::TempDir(), "/", name); }

TEST(ReadRegularFileTest, ReadsAFileAndFollowsALinkToIt) {
  const std::string content(5000, 'x');
  std::ofstream(PathOf("file")) << content;
  ASSERT_THAT(symlink("file", PathOf("link").c_str()), Eq(0));
  for (const char* name : {"file", "link"}) {
    const absl::StatusOr<std::string> read = ReadRegularFile(PathOf(name), kMaxSize);
    ASSERT_THAT(read, IsOk()) << name;
    EXPECT_THAT(*read, Eq(content)) << name;
  }
}

TEST(ReadRegularFileTest, ReadsFilesWhoseSizeIsNotKnown) {
  const absl::StatusOr<std::string> read = ReadRegularFile("/proc/self/stat", kMaxSize);
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(*read, HasSubstr("regular_file"));
}

TEST(ReadRegularFileTest, RefusesAFileThatIsLargerThanTheLimit) {
  const std::string path = PathOf("large");
  std::ofstream(path) << std::string(kMaxSize, 'x');
  EXPECT_THAT(ReadRegularFile(path, kMaxSize), IsOk());
  std::ofstream(path, std::ios::app) << "x";
  EXPECT_THAT(ReadRegularFile(path, kMaxSize),
              StatusIs(absl::StatusCode::kInvalidArgument, Eq("it is larger than 8192 bytes")));
}

TEST(ReadRegularFileTest, SaysThatAFileDoesNotExist) {
  EXPECT_THAT(ReadRegularFile(PathOf("nothing"), kMaxSize),
              StatusIs(absl::StatusCode::kNotFound, Eq("No such file or directory")));
}

// Opening or reading any of them could wait forever.
TEST(ReadRegularFileTest, RefusesEverythingElseAtOnceAndSaysWhatItIs) {
  const std::string pipe = PathOf("pipe");
  ASSERT_THAT(mkfifo(pipe.c_str(), 0600), Eq(0));
  const std::string path = PathOf("socket");
  ASSERT_THAT(mknod(path.c_str(), S_IFSOCK | 0600, 0), Eq(0));
  const struct {
    std::string path;
    const char* kind;
  } kCases[] = {
      {pipe, "it is a pipe, not a regular file"},
      {path, "it is a socket, not a regular file"},
      {::testing::TempDir(), "it is a folder, not a regular file"},
      {"/dev/null", "it is a device, not a regular file"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ReadRegularFile(test.path, kMaxSize),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.kind)));
  }
}

TEST(CheckNoByteOrderMarkTest, SaysHowToSaveAFileThatHasOne) {
  EXPECT_THAT(CheckNoByteOrderMark(""), IsOk());
  EXPECT_THAT(CheckNoByteOrderMark("\xc3\xa9t\xc3\xa9"), IsOk());
  EXPECT_THAT(CheckNoByteOrderMark("\xef\xbb\xbfname"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       Eq("it begins with a byte order mark; save it as UTF-8 without one")));
  for (const absl::string_view content : {"\xff\xfen", "\xfe\xff"}) {
    EXPECT_THAT(CheckNoByteOrderMark(content),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it is in UTF-16")));
  }
}

}  // namespace
}  // namespace uid2
