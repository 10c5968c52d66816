// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/private_folder.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"
#include "tests/secrets/private_folder_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using uid2::testing::IsOk;
using uid2::testing::PrivateFolderTest;
using uid2::testing::StatusIs;

namespace fs = std::filesystem;

mode_t ModeOf(const std::string& path) {
  struct stat status = {};
  EXPECT_THAT(lstat(path.c_str(), &status), Eq(0)) << path;
  return status.st_mode & 07777;
}

std::time_t Modified(const std::string& path) {
  struct stat status = {};
  EXPECT_THAT(stat(path.c_str(), &status), Eq(0)) << path;
  EXPECT_THAT(status.st_mtim.tv_nsec, Eq(0));
  return status.st_mtim.tv_sec;
}

std::vector<std::string> Names(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

TEST_F(PrivateFolderTest, IsCreatedForItsUserAlone) {
  EXPECT_THAT(PrivateFolder::Check(path_), IsOk());
  EXPECT_FALSE(fs::exists(path_));
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  ASSERT_THAT((*folder)->Publish({{"a", "one"}}), IsOk());
  EXPECT_THAT(ModeOf(path_), Eq(0700));
  EXPECT_THAT(ModeOf(fs::read_symlink(path_ + "/current").string().insert(0, path_ + "/")),
              Eq(0700));
  EXPECT_THAT(ModeOf((*folder)->CurrentPath("a")), Eq(0600));
}

TEST_F(PrivateFolderTest, ReplacesASetAsAWhole) {
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  ASSERT_THAT((*folder)->Publish({{"a", "one"}, {"b", "two"}}), IsOk());
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("one"));
  EXPECT_THAT(Read((*folder)->CurrentPath("b")), Eq("two"));
  ASSERT_THAT((*folder)->Publish({{"a", "three"}}), IsOk());
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("three"));
  EXPECT_FALSE(fs::exists((*folder)->CurrentPath("b")));
  EXPECT_THAT(Names(path_), UnorderedElementsAre("current", "set-2"));
}

TEST_F(PrivateFolderTest, EachSetIsModifiedInALaterSecond) {
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  std::time_t before = 0;
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT((*folder)->Publish({{"a", "same"}, {"b", "same"}}), IsOk());
    EXPECT_THAT(Modified((*folder)->CurrentPath("a")), Gt(before));
    before = Modified((*folder)->CurrentPath("a"));
    EXPECT_THAT(Modified((*folder)->CurrentPath("b")), Eq(before));
  }
}

TEST_F(PrivateFolderTest, ASetThatCannotBeWrittenLeavesThePreviousOne) {
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  ASSERT_THAT((*folder)->Publish({{"a", "one"}}), IsOk());
  EXPECT_THAT((*folder)->Publish({{"a", "two"}, {"no/folder", "three"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_)));
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("one"));
  EXPECT_THAT(Names(path_), UnorderedElementsAre("current", "set-1"));
  EXPECT_THAT((*folder)->Publish({{"a", "four"}}), IsOk());
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("four"));
}

TEST_F(PrivateFolderTest, ASetThatSomebodyElseRemovesCanBePublishedAgain) {
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  ASSERT_THAT((*folder)->Publish({{"a", "one"}}), IsOk());
  EXPECT_TRUE((*folder)->IsPublished());
  const std::string kRemoved[] = {(*folder)->CurrentPath("a"), path_ + "/current", path_};
  for (const std::string& removed : kRemoved) {
    fs::remove_all(removed);
    EXPECT_FALSE((*folder)->IsPublished()) << removed;
    EXPECT_THAT((*folder)->Publish({{"a", removed}}), IsOk());
    EXPECT_TRUE((*folder)->IsPublished()) << removed;
    EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq(removed));
    EXPECT_THAT(ModeOf(path_), Eq(0700));
  }
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another process uses it")));
}

TEST_F(PrivateFolderTest, AFolderThatHasBeenReplacedIsCheckedAndUsedAndTheEarlierOneEmptied) {
  const std::string moved = path_ + "-moved";
  fs::remove_all(moved);
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  ASSERT_THAT((*folder)->Publish({{"a", "one"}}), IsOk());
  fs::rename(path_, moved);
  fs::create_directory(path_);
  ASSERT_THAT(chmod(path_.c_str(), 0777), Eq(0));
  EXPECT_FALSE((*folder)->IsPublished());
  EXPECT_THAT((*folder)->Publish({{"a", "two"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("others can write to it")));
  EXPECT_TRUE(fs::is_empty(path_));
  ASSERT_THAT(chmod(path_.c_str(), 0700), Eq(0));
  EXPECT_THAT((*folder)->Publish({{"a", "two"}}), IsOk());
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("two"));
  EXPECT_TRUE(fs::is_empty(moved));
}

TEST_F(PrivateFolderTest, LeavesNothingBehind) {
  {
    const auto folder = Open();
    ASSERT_THAT(folder, IsOk());
    ASSERT_THAT((*folder)->Publish({{"a", "one"}}), IsOk());
  }
  EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(PrivateFolderTest, RemovesWhatAKilledProcessHasLeftAndNothingElse) {
  fs::create_directory(path_);
  fs::permissions(path_, fs::perms::owner_all);
  for (const char* folder : {"/set-1", "/set-2", "/set-x", "/other", "/elsewhere"}) {
    fs::create_directory(path_ + folder);
  }
  for (const char* file : {"/set-1/a", "/set-2/a", "/set-2/not-ours", "/set-x/a", "/other/a",
                           "/elsewhere/a", "/a", "/set-3"}) {
    std::ofstream(path_ + file) << "old";
  }
  fs::create_symlink("set-1", path_ + "/current");
  fs::create_symlink("elsewhere", path_ + "/set-4");
  const auto folder = Open();
  ASSERT_THAT(folder, IsOk());
  EXPECT_THAT(Names(path_),
              UnorderedElementsAre("set-2", "set-3", "set-4", "set-x", "other", "elsewhere", "a"));
  EXPECT_FALSE(fs::exists(path_ + "/set-2/a"));
  EXPECT_TRUE(fs::exists(path_ + "/elsewhere/a"));
  // Their names do not hinder it.
  for (int i = 0; i < 5; ++i) EXPECT_THAT((*folder)->Publish({{"a", "new"}}), IsOk());
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("new"));
  EXPECT_THAT(Read(path_ + "/elsewhere/a"), Eq("old"));
}

}  // namespace
}  // namespace uid2
