// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LOG_WRITER_H_
#define SERVER_TELEMETRY_LOG_WRITER_H_

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// Writes lines to a file descriptor on its own thread, so that a reader that has stopped reading
// the log blocks that thread and not a call. Thread-safe.
//
// Lines wait up to kFlushInterval, so that the thread wakes at most ten times a second, whatever
// the load. When kMaxBacklog bytes are waiting to be written, further lines are dropped and
// counted. docs/decisions/0014-log-writer.md says why we do not use a library for this.
class LogWriter {
 public:
  static constexpr absl::Duration kFlushInterval = absl::Milliseconds(100);
  static constexpr size_t kMaxBacklog = size_t{4} << 20;

  // `descriptor` must stay open as long as this object exists. `dropped` counts lost lines.
  explicit LogWriter(int descriptor, Counter dropped = {});

  // Writes the remaining lines.
  ~LogWriter();

  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // `line` must not have a line end. Never blocks on the descriptor.
  void Write(absl::string_view line);

  // Returns when every line that was passed to Write() before this call has been written.
  void Flush();

 private:
  void Run();
  void FlushNow() const;
  // Returns after kFlushInterval, or once FlushNow() has been called.
  void AwaitFlush() const;
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteAll(absl::string_view text) const;

  const int descriptor_;
  const Counter dropped_;
  const int flush_fd_;
  absl::Mutex mutex_;
  std::string backlog_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LOG_WRITER_H_
