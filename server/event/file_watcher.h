// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_FILE_WATCHER_H_
#define SERVER_EVENT_FILE_WATCHER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/event/event_loop.h"
#include "server/event/file_stamp.h"
#include "server/event/thread.h"

namespace uid2 {

// Reloads files when they change while the process runs. One thread, named "file watcher", checks
// all files of the process, with two system calls per file every `interval`. It also loads the
// files, so loading may be slow.
//
// Changed files are loaded when two successive checks have found them unchanged, so that a file is
// not loaded while it is being written. If they cannot be used, they are loaded again at every
// check. Thread-safe.
class FileWatcher {
 public:
  // Files that belong together.
  struct Files {
    std::vector<std::string> paths;
    // Reads the files and starts to use their content. If that fails, returns the reason; the
    // earlier content stays in use.
    std::function<absl::Status()> load;
    // Called with the result of loading changed files. A failure that is the same as the previous
    // one is not reported again. May be null.
    std::function<void(const absl::Status&)> report;
    // Called at each check, after changed files have been loaded, for content whose meaning depends
    // on the time. May be null.
    std::function<void()> checked = nullptr;
  };

  // Its files are watched as long as it exists. The destructor waits while they are being loaded;
  // none of the functions runs after it. Must be destroyed before the watcher.
  class Watch {
   public:
    ~Watch();

    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class FileWatcher;

    Watch(FileWatcher& watcher, Files files) : watcher_(watcher), files_(std::move(files)) {}

    void Check();
    void LoadChanges();

    FileWatcher& watcher_;
    const Files files_;
    // The stamps of the content in use, and those found by the last check.
    std::vector<FileStamp> used_;
    std::vector<FileStamp> seen_;
    // The last reported result.
    absl::Status reported_;
  };

  // `interval` is the time from one check to the next. Must be positive.
  static absl::StatusOr<std::unique_ptr<FileWatcher>> New(
      absl::Duration interval = absl::Seconds(2));

  // Waits for the thread.
  ~FileWatcher();

  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Loads `files` once on this thread, without a report, and fails if that fails. After that,
  // `load`, `report` and `checked` run on the watcher's thread, one at a time for all files. They
  // must not call this.
  absl::StatusOr<std::unique_ptr<Watch>> Begin(Files files) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  FileWatcher(std::unique_ptr<EventLoop> loop, absl::Duration interval);

  void CheckAll() ABSL_LOCKS_EXCLUDED(mutex_);

  const absl::Duration interval_;
  const std::unique_ptr<EventLoop> loop_;
  EventLoop::Alarm next_check_;
  absl::Mutex mutex_;
  std::vector<Watch*> watches_ ABSL_GUARDED_BY(mutex_);
  absl::optional<Thread> thread_;
};

}  // namespace uid2

#endif  // SERVER_EVENT_FILE_WATCHER_H_
