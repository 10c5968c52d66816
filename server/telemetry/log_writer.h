// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LOG_WRITER_H_
#define SERVER_TELEMETRY_LOG_WRITER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// Writes lines to a file descriptor on its own thread, so that a reader that has stopped reading
// the log blocks that thread and not a call. Thread-safe.
//
// Lines wait up to kFlushInterval, so that the thread wakes at most ten times a second, whatever
// the load. When kMaxBacklog bytes are waiting to be written, further lines are lost, as are lines
// that the descriptor does not take. Lost lines are counted, and the log says how many there were
// as soon as it can. docs/decisions/0014-log-writer.md says why we do not use a library for this.
class LogWriter {
 public:
  static constexpr absl::Duration kFlushInterval = absl::Milliseconds(100);
  static constexpr absl::Duration kReportInterval = absl::Seconds(1);
  static constexpr size_t kMaxBacklog = size_t{4} << 20;

  // Returns the line, without a line end, that says in the log how many lines were lost. Runs on
  // the writer's thread.
  using LostLine = absl::AnyInvocable<std::string(int64_t lines)>;

  // Returns a line, without a line end, or an empty string. Runs on the writer's thread.
  using ReportLine = absl::AnyInvocable<std::string()>;

  // Told when a write to the descriptor begins (true) and has ended (false). Runs on the writer's
  // thread. A write that does not end shows that nobody reads, long before lines are lost.
  using Writing = absl::AnyInvocable<void(bool begins)>;

  // `descriptor` must stay open as long as this object exists. `lost` counts lost lines.
  explicit LogWriter(int descriptor, Counter lost = {}, LostLine lost_line = nullptr,
                     ReportLine report_line = nullptr, Writing writing = nullptr);

  // Writes the remaining lines, for as long as that takes.
  ~LogWriter();

  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // `line` must not have a line end. Never blocks on the descriptor.
  void Write(absl::string_view line);

  // The report line will be written after kReportInterval, or earlier if this object is destroyed.
  // Further requests until then have no effect.
  void RequestReport();

  // Returns whether the lines that were passed to Write() before this call were written, or lost,
  // within `timeout`. Safe in a signal handler.
  bool Flush(absl::Duration timeout);

 private:
  void Run();
  void FlushNow() const;
  // Returns after kFlushInterval, or once FlushNow() has been called.
  void AwaitFlush() const;
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns whether the report must be written now, which ends the request.
  bool TakeReportRequest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AppendReport(std::string& lines);
  void WriteLines(std::string& lines, int64_t lost_before);
  // Returns the rest that the descriptor did not take.
  absl::string_view WriteAll(absl::string_view text) const;

  const int descriptor_;
  const Counter lost_;
  LostLine lost_line_;
  ReportLine report_line_;
  Writing writing_;
  const int flush_fd_;
  // Whether the last write ended within a line. Only the writer's thread uses this.
  bool cut_ = false;
  // In bytes. What was accepted and is not done is waiting to be written.
  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int64_t> done_ = 0;
  absl::Mutex mutex_;
  std::string backlog_ ABSL_GUARDED_BY(mutex_);
  // Lost lines that the log does not mention yet.
  int64_t unmentioned_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::optional<std::chrono::steady_clock::time_point> report_at_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LOG_WRITER_H_
