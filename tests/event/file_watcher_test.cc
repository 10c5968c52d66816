// SPDX-License-Identifier: Apache-2.0

#include "server/event/file_watcher.h"

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/event/file_watcher_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::Ne;
using uid2::testing::FileWatcherTest;
using uid2::testing::IsOk;

namespace fs = std::filesystem;

TEST_F(FileWatcherTest, LoadsAtOnceAndReportsNothing) {
  const auto watch = Watch();
  EXPECT_THAT(content(), Eq("good 1;"));
  AwaitLooks(3);
  EXPECT_THAT(loads_, Eq(1)) << "an unchanged file was loaded again";
  EXPECT_THAT(reports(), Eq(0U));
}

TEST_F(FileWatcherTest, LoadsAChangedFileHoweverItIsReplaced) {
  struct Row {
    const char* situation;
    std::function<void()> change;
  };
  const Row rows[] = {
      {"written over", [&] { Write(path_, "good two"); }},
      {"moved into place",
       [&] {
         Write(folder_ / "new", "good two");
         fs::rename(folder_ / "new", path_);
       }},
      {"of the same size and time",
       [&] {
         const fs::file_time_type time = fs::last_write_time(path_);
         Write(folder_ / "new", "good 2");
         fs::last_write_time(folder_ / "new", time);
         fs::rename(folder_ / "new", path_);
       }},
      {"removed and made anew",
       [&] {
         fs::remove(path_);
         Write(path_, "good two");
       }},
      // As kubelet does: file -> ..data/file, ..data -> ..1, then ..data -> ..2.
      {"a folder's link moved into place",
       [&] {
         fs::create_directory_symlink("..2", folder_ / "..new");
         fs::rename(folder_ / "..new", folder_ / "..data");
       }},
  };
  for (const Row& row : rows) {
    SetUp();
    for (const std::string version : {"1", "2"}) {
      fs::create_directory(folder_ / (".." + version));
      Write(folder_ / (".." + version) / "file", "good " + version);
    }
    if (row.situation == rows[4].situation) {
      fs::create_directory_symlink("..1", folder_ / "..data");
      fs::remove(path_);
      fs::create_symlink("..data/file", path_);
    }
    const auto watch = Watch();
    ASSERT_THAT(content(), Eq("good 1;")) << row.situation;
    const size_t before = reports();
    row.change();
    EXPECT_THAT(AwaitReport(before + 1), IsOk()) << row.situation;
    EXPECT_THAT(content(), Ne("good 1;")) << row.situation;
  }
}

TEST_F(FileWatcherTest, LoadsAllFilesOfAWatchWhenOneChanges) {
  const std::string other = folder_ / "other";
  Write(other, "good a");
  const auto watch = *Begin({path_, other});
  EXPECT_THAT(content(), Eq("good 1;good a;"));
  Write(other, "good bc");
  EXPECT_THAT(AwaitReport(1), IsOk());
  EXPECT_THAT(content(), Eq("good 1;good bc;"));
}

TEST_F(FileWatcherTest, WaitsToLoadAFileUntilItStopsChanging) {
  // This watch began first, so its files are checked first; each check makes the other file grow.
  Write(folder_ / "first", "");
  int looks = 0;
  bool growing = true;
  absl::Notification grown;
  const auto writer = *watcher_->Begin({.paths = {folder_ / "first"},
                                        .load =
                                            [&] {
                                              if (++looks == 1) return absl::OkStatus();
                                              if (looks < 20) {
                                                std::ofstream(path_, std::ios::app) << "more";
                                              } else if (growing) {
                                                growing = false;
                                                grown.Notify();
                                              }
                                              return absl::UnknownError("looks again");
                                            },
                                        .report = nullptr});
  const auto watch = Watch();
  const int loads = loads_;
  Write(folder_ / "first", "changed");
  ASSERT_TRUE(grown.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_THAT(AwaitReport(1), IsOk());
  EXPECT_THAT(loads_, Eq(loads + 1));
}

TEST_F(FileWatcherTest, CallsAtEachCheckWhetherFilesHaveChangedOrNot) {
  std::atomic<int> checks = 0;
  const auto watch = watcher_->Begin({.paths = {path_},
                                      .load = [] { return absl::OkStatus(); },
                                      .report = nullptr,
                                      .checked = [&checks] { ++checks; }});
  ASSERT_THAT(watch, IsOk());
  AwaitLooks(3);
  EXPECT_THAT(checks, Ge(3));
}

TEST_F(FileWatcherTest, LoadsOnANamedThreadAndStopsWithTheWatch) {
  std::string name;
  absl::Notification loaded;
  bool first = true;
  auto watch = *watcher_->Begin({.paths = {path_},
                                 .load =
                                     [&] {
                                       if (!std::exchange(first, false)) {
                                         char text[16];
                                         (void)pthread_getname_np(pthread_self(), text, 16);
                                         name = text;
                                         loaded.Notify();
                                       }
                                       return absl::OkStatus();
                                     },
                                 .report = nullptr});
  Write(path_, "good two");
  ASSERT_TRUE(loaded.WaitForNotificationWithTimeout(absl::Seconds(10)));
  // Waits for the load in progress, which uses variables on this stack.
  watch.reset();
  EXPECT_THAT(name, Eq("file watcher"));
  Write(path_, "good three");
  AwaitLooks(3);
}

}  // namespace
}  // namespace uid2
