// SPDX-License-Identifier: Apache-2.0

#include "server/event/file_watcher.h"

#include <pthread.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::Ne;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

namespace fs = std::filesystem;

void Write(const fs::path& file, const std::string& content) {
  std::ofstream stream(file, std::ios::trunc);
  stream << content;
  ASSERT_TRUE(stream.flush().good());
}

// Loads files into content() if they start with "good".
class FileWatcherTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Write(path_, "good 1");
  }

  absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> Begin(std::vector<std::string> paths) {
    return watcher_->Begin({.paths = paths,
                            .load = [this, paths] { return Load(paths); },
                            .report =
                                [this](const absl::Status& status) {
                                  absl::MutexLock lock(&mutex_);
                                  reported_.push_back(status);
                                }});
  }

  std::unique_ptr<FileWatcher::Watch> Watch() {
    absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> watch = Begin({path_});
    EXPECT_THAT(watch, IsOk());
    return watch.ok() ? *std::move(watch) : nullptr;
  }

  absl::Status Load(const std::vector<std::string>& paths) {
    ++loads_;
    std::string content;
    for (const std::string& path : paths) {
      std::ifstream stream(path);
      std::string line;
      std::getline(stream, line);
      if (line.substr(0, 4) != "good") return absl::InvalidArgumentError(path);
      absl::StrAppend(&content, line, ";");
    }
    absl::MutexLock lock(&mutex_);
    content_ = content;
    return absl::OkStatus();
  }

  // Waits for the `count`th report.
  absl::Status AwaitReport(size_t count) {
    const auto has_come = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return reported_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&has_come), absl::Seconds(10))) {
      return absl::UnknownError("no report within ten seconds");
    }
    return reported_[count - 1];
  }

  size_t reports() const {
    absl::MutexLock lock(&mutex_);
    return reported_.size();
  }

  std::string content() const {
    absl::MutexLock lock(&mutex_);
    return content_;
  }

  // Returns when the watcher has checked all files `count` more times: a file that fails to load is
  // loaded again on every check.
  void AwaitLooks(int count) {
    std::atomic<int> looks = 0;
    absl::Notification enough;
    const std::string bad = folder_ / "bad";
    absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> watch =
        watcher_->Begin({.paths = {bad},
                         .load =
                             [&] {
                               if (looks == 0) {
                                 ++looks;
                                 return absl::OkStatus();
                               }
                               if (++looks == count + 1) enough.Notify();
                               return absl::UnknownError("");
                             },
                         .report = nullptr});
    ASSERT_THAT(watch, IsOk());
    Write(bad, "");
    ASSERT_TRUE(enough.WaitForNotificationWithTimeout(absl::Seconds(10)));
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / "watched";
  const fs::path path_ = folder_ / "file";
  std::atomic<int> loads_ = 0;
  mutable absl::Mutex mutex_;
  std::string content_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> reported_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<FileWatcher> watcher_ = *FileWatcher::New(absl::Milliseconds(2));
};

TEST_F(FileWatcherTest, LoadsAtOnceAndReportsNothing) {
  const auto watch = Watch();
  EXPECT_THAT(content(), Eq("good 1;"));
  AwaitLooks(3);
  EXPECT_THAT(loads_, Eq(1)) << "an unchanged file was loaded again";
  EXPECT_THAT(reports(), Eq(0U));
}

TEST_F(FileWatcherTest, BeginFailsIfTheFirstLoadDoes) {
  Write(path_, "bad");
  EXPECT_THAT(Begin({path_}), StatusIs(absl::StatusCode::kInvalidArgument));
  AwaitLooks(3);
  EXPECT_THAT(loads_, Eq(1));
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

TEST_F(FileWatcherTest, KeepsTheLastGoodContentAndReportsAFailureOnce) {
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

TEST_F(FileWatcherTest, TellsWhenTheVeryFilesInUseAreBackAfterARefusedChange) {
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

TEST_F(FileWatcherTest, AMissingFileIsAFailedLoad) {
  const auto watch = Watch();
  fs::remove(path_);
  EXPECT_THAT(AwaitReport(1), StatusIs(absl::StatusCode::kInvalidArgument));
  Write(path_, "good 1");
  EXPECT_THAT(AwaitReport(2), IsOk());
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
