// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_watcher.h"
#include "tests/event/file_watcher_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

using FileWatcherFailureTest = uid2::testing::FileWatcherTest;
namespace fs = std::filesystem;

TEST_F(FileWatcherFailureTest, BeginFailsIfTheFirstLoadDoes) {
  Write(path_, "bad");
  EXPECT_THAT(Begin({path_}), StatusIs(absl::StatusCode::kInvalidArgument));
  AwaitLooks(3);
  EXPECT_THAT(loads_, Eq(1));
}

TEST_F(FileWatcherFailureTest, KeepsTheLastGoodContentAndReportsAFailureOnce) {
  const auto watch = Watch();
  Write(path_, "bad");
  EXPECT_THAT(AwaitReport(1), StatusIs(absl::StatusCode::kInvalidArgument));
  const int loads = loads_;
  AwaitLooks(3);
  EXPECT_THAT(loads_, Ge(loads + 2)) << "it is not tried again";
  EXPECT_THAT(reports(), Eq(1U));
  EXPECT_THAT(content(), Eq("good 1;"));
  Write(path_, "good two");
  EXPECT_THAT(AwaitReport(2), IsOk());
  EXPECT_THAT(content(), Eq("good two;"));
}

TEST_F(FileWatcherFailureTest, TellsWhenTheVeryFilesInUseAreBackAfterARefusedChange) {
  // As in a mounted Kubernetes volume, whose link goes back to the folder that it had before.
  const fs::path link = fs::path(folder_) / "link";
  const auto point_to = [&](const std::string& target) {
    fs::create_symlink(target, link.string() + ".new");
    fs::rename(link.string() + ".new", link);
  };
  Write(fs::path(folder_) / "bad", "bad");
  point_to(path_);
  const auto watch = Begin({link.string()});
  ASSERT_THAT(watch, IsOk());
  point_to("bad");
  EXPECT_THAT(AwaitReport(1), StatusIs(absl::StatusCode::kInvalidArgument));
  point_to(path_);
  EXPECT_THAT(AwaitReport(2), IsOk());
  EXPECT_THAT(content(), Eq("good 1;"));
}

TEST_F(FileWatcherFailureTest, AMissingFileIsAFailedLoad) {
  const auto watch = Watch();
  fs::remove(path_);
  EXPECT_THAT(AwaitReport(1), StatusIs(absl::StatusCode::kInvalidArgument));
  Write(path_, "good 1");
  EXPECT_THAT(AwaitReport(2), IsOk());
}

}  // namespace
}  // namespace uid2
