// SPDX-License-Identifier: Apache-2.0

#include "server/event/file_stamp.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Not;

namespace fs = std::filesystem;

class FileStampTest : public ::testing::Test {
 protected:
  void SetUp() override { std::ofstream(path_, std::ios::trunc) << "content"; }

  const std::string path_ = ::testing::TempDir() + "/stamped";
};

TEST_F(FileStampTest, ReadingTheFileDoesNotChangeIt) {
  const FileStamp before = FileStamp::Of(path_);
  std::string content;
  std::ifstream(path_) >> content;
  EXPECT_THAT(FileStamp::Of(path_), Eq(before));
}

TEST_F(FileStampTest, ChangesIfTheFileIsWrittenReplacedOrRemoved) {
  const FileStamp before = FileStamp::Of(path_);
  std::ofstream(path_, std::ios::app) << "more";
  const FileStamp longer = FileStamp::Of(path_);
  EXPECT_THAT(longer, Not(Eq(before)));
  const std::string copy = path_ + ".copy";
  fs::copy_file(path_, copy, fs::copy_options::overwrite_existing);
  fs::rename(copy, path_);
  EXPECT_THAT(FileStamp::Of(path_), Not(Eq(longer)));
  fs::remove(path_);
  EXPECT_THAT(FileStamp::Of(path_), Eq(FileStamp()));
}

TEST_F(FileStampTest, FollowsSymbolicLinks) {
  const std::string link = path_ + ".link";
  fs::remove(link);
  fs::create_symlink(path_, link);
  EXPECT_THAT(FileStamp::Of(link), Eq(FileStamp::Of(path_)));
}

}  // namespace
}  // namespace uid2
