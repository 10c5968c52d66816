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

// Has files loaded again when they have changed while the process runs. Knows nothing about what
// they hold. One thread, named "file watcher", looks at all files of a process: two system calls
// a file every `interval`, and loading is done there as well, so it may take its time.
//
// Changed files are loaded as soon as two looks in a row have seen them the same, so that a file
// that is being written is left alone. They are loaded again on every look while they cannot be
// used. Thread-safe.
class FileWatcher {
 public:
  // Files that belong together.
  struct Files {
    std::vector<std::string> paths;
    // Reads the files and puts what they hold into use, or says why it does not, which leaves the
    // earlier content in use.
    std::function<absl::Status()> load;
    // Told what became of changed files: OK if they are in use; a failure that is the same as the
    // one before is not told again. May be null.
    std::function<void(const absl::Status&)> report;
  };

  // Has its files watched as long as it exists. Its end waits while they are being loaded, and
  // must come before that of the watcher; nothing runs after it.
  class Watch {
   public:
    ~Watch();

    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class FileWatcher;

    Watch(FileWatcher& watcher, Files files) : watcher_(watcher), files_(std::move(files)) {}

    std::vector<FileStamp> Look() const;
    void Check();

    FileWatcher& watcher_;
    const Files files_;
    // Those of the content in use, and what the last look saw.
    std::vector<FileStamp> used_;
    std::vector<FileStamp> seen_;
    // Told last.
    absl::Status reported_;
  };

  // `interval`: from one look to the next; positive.
  static absl::StatusOr<std::unique_ptr<FileWatcher>> New(
      absl::Duration interval = absl::Seconds(2));

  // Waits for the thread.
  ~FileWatcher();

  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Loads `files` at once, on this thread, and fails as that does; `report` is not told. From then
  // on both run on the watcher's thread, one at a time for all files, and must not call this.
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
