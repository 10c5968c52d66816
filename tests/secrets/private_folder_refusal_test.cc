// SPDX-License-Identifier: Apache-2.0

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/private_folder.h"
#include "tests/matchers/status_matchers.h"
#include "tests/secrets/private_folder_fixture.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::PrivateFolderTest;
using uid2::testing::StatusIs;

namespace fs = std::filesystem;

class PrivateFolderRefusalTest : public PrivateFolderTest {
 protected:
  // What Check() and Open() say, which must be the same.
  absl::Status Refusal() const {
    const absl::Status checked = PrivateFolder::Check(path_);
    const auto opened = Open();
    EXPECT_THAT(opened, StatusIs(checked.code(), std::string(checked.message())));
    return checked;
  }
};

TEST_F(PrivateFolderRefusalTest, IsRefusedIfOthersCanWriteToIt) {
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

TEST_F(PrivateFolderRefusalTest, IsRefusedIfItsOwnerCannotWriteToIt) {
  fs::create_directory(path_);
  for (const mode_t mode : {0500U, 0600U, 0300U}) {
    ASSERT_THAT(chmod(path_.c_str(), mode), Eq(0));
    EXPECT_THAT(Refusal(), StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr("its owner cannot write to it; run `chmod 700")));
  }
  ASSERT_THAT(chmod(path_.c_str(), 0700), Eq(0));
}

TEST_F(PrivateFolderRefusalTest, IsRefusedOnAReadOnlyFileSystem) {
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

TEST_F(PrivateFolderRefusalTest, IsRefusedIfItIsALinkOrNoFolder) {
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

TEST_F(PrivateFolderRefusalTest, IsRefusedIfSomethingElseIsInThePlaceOfItsLinks) {
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

TEST_F(PrivateFolderRefusalTest, IsRefusedIfItBelongsToSomeoneElse) {
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

TEST_F(PrivateFolderRefusalTest, IsRefusedIfItsParentDoesNotExist) {
  EXPECT_THAT(
      PrivateFolder::Check(path_ + "/none/folder"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("cannot create it in "), HasSubstr("No such file or directory"))));
  EXPECT_THAT(PrivateFolder::Open(path_ + "/none/folder", {"a"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot create it")));
}

TEST_F(PrivateFolderRefusalTest, IsRefusedWhileAnotherServerUsesIt) {
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
