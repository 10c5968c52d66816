// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_EVENT_FILE_WATCHER_FIXTURE_H_
#define TESTS_EVENT_FILE_WATCHER_FIXTURE_H_

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_watcher.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {

// Loads files into content() if they start with "good".
class FileWatcherTest : public ::testing::Test {
 protected:
  static void Write(const std::filesystem::path& file, const std::string& content) {
    std::ofstream stream(file, std::ios::trunc);
    stream << content;
    ASSERT_TRUE(stream.flush().good());
  }

  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
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

  const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "watched";
  const std::filesystem::path path_ = folder_ / "file";
  std::atomic<int> loads_ = 0;
  mutable absl::Mutex mutex_;
  std::string content_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> reported_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<FileWatcher> watcher_ = *FileWatcher::New(absl::Milliseconds(2));
};

}  // namespace uid2::testing

#endif  // TESTS_EVENT_FILE_WATCHER_FIXTURE_H_
