#ifndef SERVER_TELEMETRY_LOG_WRITER_H_
#define SERVER_TELEMETRY_LOG_WRITER_H_

#include <cstdint>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace uid2 {

// Writes lines to a file descriptor from a thread of its own: a reader of the log that has stopped
// reading stops this thread and no call. Thread-safe.
//
// Lines wait up to kFlushInterval, so that the thread wakes ten times a second at most, whatever
// the load. Past kMaxBacklog bytes that nobody reads, lines are dropped and counted.
class LogWriter {
 public:
  static constexpr absl::Duration kFlushInterval = absl::Milliseconds(100);
  static constexpr size_t kMaxBacklog = size_t{4} << 20;

  // `descriptor` stays the caller's, open for as long as this object lives.
  explicit LogWriter(int descriptor);

  // Writes what is left.
  ~LogWriter();

  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // `line` without a line end. Never blocks on the descriptor.
  void Write(absl::string_view line);

  // Returns when every line given to Write() before has been written.
  void Flush();

  // Lines that were dropped since the start.
  int64_t dropped() const;

 private:
  void Run();
  void FlushNow() const;
  // Returns after kFlushInterval, or once FlushNow() has been called.
  void AwaitFlush() const;
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteAll(absl::string_view text) const;

  const int descriptor_;
  const int flush_fd_;
  mutable absl::Mutex mutex_;
  std::string backlog_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LOG_WRITER_H_
