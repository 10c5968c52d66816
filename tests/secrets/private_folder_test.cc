// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/private_folder.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

namespace fs = std::filesystem;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

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

class PrivateFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // The folder of the previous test.
    fs::permissions(::testing::TempDir(), fs::perms::owner_all);
    fs::remove_all(path_);
  }

  absl::StatusOr<std::unique_ptr<PrivateFolder>> Open() const {
    return PrivateFolder::Open(path_, {"a", "b"});
  }

  // What Check() and Open() say, which must be the same.
  absl::Status Refusal() const {
    const absl::Status checked = PrivateFolder::Check(path_);
    const auto opened = Open();
    EXPECT_THAT(opened, StatusIs(checked.code(), std::string(checked.message())));
    return checked;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  const std::string path_ = ::testing::TempDir() + "/private";
};

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
  EXPECT_THAT(Names(), UnorderedElementsAre("current", "set-2"));
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
  EXPECT_THAT(Names(), UnorderedElementsAre("current", "set-1"));
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
  EXPECT_THAT(Names(),
              UnorderedElementsAre("set-2", "set-3", "set-4", "set-x", "other", "elsewhere", "a"));
  EXPECT_FALSE(fs::exists(path_ + "/set-2/a"));
  EXPECT_TRUE(fs::exists(path_ + "/elsewhere/a"));
  // Their names do not hinder it.
  for (int i = 0; i < 5; ++i) EXPECT_THAT((*folder)->Publish({{"a", "new"}}), IsOk());
  EXPECT_THAT(Read((*folder)->CurrentPath("a")), Eq("new"));
  EXPECT_THAT(Read(path_ + "/elsewhere/a"), Eq("old"));
}

TEST_F(PrivateFolderTest, IsRefusedIfOthersCanWriteToIt) {
  fs::create_directory(path_);
  for (const mode_t mode : {0720U, 0702U, 0777U, 01777U}) {
    ASSERT_THAT(chmod(path_.c_str(), mode), Eq(0));
    EXPECT_THAT(Refusal(), StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr("others can write to it; run `chmod 700")))
        << mode;
  }
  // Others may see that it exists; they cannot read what is in it.
  ASSERT_THAT(chmod(path_.c_str(), 0755), Eq(0));
  EXPECT_THAT(PrivateFolder::Check(path_), IsOk());
}

TEST_F(PrivateFolderTest, IsRefusedIfItsOwnerCannotWriteToIt) {
  fs::create_directory(path_);
  for (const mode_t mode : {0500U, 0600U, 0300U}) {
    ASSERT_THAT(chmod(path_.c_str(), mode), Eq(0));
    EXPECT_THAT(Refusal(), StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr("its owner cannot write to it; run `chmod 700")));
  }
  ASSERT_THAT(chmod(path_.c_str(), 0700), Eq(0));
}

TEST_F(PrivateFolderTest, IsRefusedOnAReadOnlyFileSystem) {
  for (const std::string path : {"/usr", "/sys", "/sys/fs/cgroup", "/proc/sys"}) {
    struct stat status = {};
    struct statvfs system = {};
    if (stat(path.c_str(), &status) != 0 || status.st_uid != geteuid() ||
        (status.st_mode & 07777) != 0755 || statvfs(path.c_str(), &system) != 0 ||
        (system.f_flag & ST_RDONLY) == 0) {
      continue;
    }
    EXPECT_THAT(PrivateFolder::Check(path),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(absl::StrCat(path,
                                                ": cannot write to it: Read-only file system; "
                                                "name a folder on a writable"))));
    return;
  }
  GTEST_SKIP() << "no folder of this user on a read-only file system";
}

TEST_F(PrivateFolderTest, IsRefusedIfItIsALinkOrNoFolder) {
  fs::create_directory(path_ + "-target");
  fs::create_directory_symlink(path_ + "-target", path_);
  EXPECT_THAT(Refusal(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it is a symbolic link")));
  EXPECT_THAT(PrivateFolder::Check(path_ + "/"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it is a symbolic link")));
  fs::remove(path_);
  std::ofstream(path_) << "a file";
  EXPECT_THAT(Refusal(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it is not a folder")));
}

TEST_F(PrivateFolderTest, IsRefusedIfSomethingElseIsInThePlaceOfItsLinks) {
  for (const char* const name : {"current", "next"}) {
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms::owner_all);
    const std::string file = absl::StrCat(path_, "/", name);
    std::ofstream(file) << "a user's";
    EXPECT_THAT(Refusal(), StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr(absl::StrCat(name, ": not a link that a server"))));
    EXPECT_THAT(Read(file), Eq("a user's"));
    fs::remove_all(path_);
    fs::create_directories(file);
    fs::permissions(path_, fs::perms::owner_all);
    EXPECT_THAT(Refusal(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
    fs::remove_all(path_);
  }
}

TEST_F(PrivateFolderTest, IsRefusedIfItBelongsToSomeoneElse) {
  // One of the two belongs to another user, whoever runs this test. It cannot give a folder away.
  for (const std::string path : {"/etc", "/var/cache/apt/archives/partial"}) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0 || status.st_uid == geteuid()) continue;
    const auto refused = StatusIs(absl::StatusCode::kInvalidArgument,
                                  HasSubstr(absl::StrCat(path, ": it belongs to user ",
                                                         status.st_uid, ", but the server runs")));
    EXPECT_THAT(PrivateFolder::Check(path), refused);
    EXPECT_THAT(PrivateFolder::Open(path, {"a"}), StatusIs(absl::StatusCode::kInvalidArgument));
    return;
  }
  GTEST_SKIP() << "no folder of another user";
}

TEST_F(PrivateFolderTest, IsRefusedIfItsParentDoesNotExist) {
  EXPECT_THAT(
      PrivateFolder::Check(path_ + "/none/folder"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("cannot create it in "), HasSubstr("No such file or directory"))));
  EXPECT_THAT(PrivateFolder::Open(path_ + "/none/folder", {"a"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot create it")));
}

TEST_F(PrivateFolderTest, IsRefusedWhileAnotherServerUsesIt) {
  auto first = Open();
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT((*first)->Publish({{"a", "one"}}), IsOk());
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another process uses it")));
  EXPECT_THAT(Read((*first)->CurrentPath("a")), Eq("one"));
  first->reset();
  EXPECT_THAT(Open(), IsOk());
}

}  // namespace
}  // namespace uid2
