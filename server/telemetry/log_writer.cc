// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/log_writer.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace uid2 {

LogWriter::LogWriter(int descriptor, Counter lost, LostLine lost_line, ReportLine report_line,
                     Writing writing)
    : descriptor_(descriptor),
      lost_(lost),
      lost_line_(std::move(lost_line)),
      report_line_(std::move(report_line)),
      writing_(std::move(writing)),
      flush_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Flush() needs it; a process that has just started has descriptors left.
  if (flush_fd_ < 0) std::abort();
  thread_ = std::thread([this] { Run(); });
}

LogWriter::~LogWriter() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  FlushNow();
  thread_.join();
  (void)close(flush_fd_);
}

void LogWriter::Write(absl::string_view line) {
  absl::MutexLock lock(&mutex_);
  if (backlog_.size() + line.size() + 1 > kMaxBacklog) {
    lost_.Increment();
    ++unmentioned_;
    return;
  }
  backlog_.append(line.data(), line.size());
  backlog_.push_back('\n');
  accepted_ += static_cast<int64_t>(line.size()) + 1;
}

bool LogWriter::Flush(absl::Duration timeout) {
  FlushNow();
  const int64_t until = accepted_;
  // A signal handler can only poll.
  for (int64_t left = absl::ToInt64Milliseconds(timeout); done_ < until; --left) {
    if (left <= 0) return false;
    (void)poll(nullptr, 0, 1);
  }
  return true;
}

void LogWriter::RequestReport() {
  absl::MutexLock lock(&mutex_);
  if (report_at_.has_value()) return;
  report_at_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(kReportInterval);
}

bool LogWriter::HasWork() const { return ended_ || !backlog_.empty() || report_at_.has_value(); }

bool LogWriter::TakeReportRequest() {
  if (!report_at_.has_value()) return false;
  if (!ended_ && std::chrono::steady_clock::now() < *report_at_) return false;
  report_at_.reset();
  return true;
}

void LogWriter::FlushNow() const {
  // Fails only after 2^64 writes without a read.
  (void)eventfd_write(flush_fd_, 1);
}

void LogWriter::AwaitFlush() const {
  // Not a timed wait on the mutex, which ends at a civil time: if the clock were set back by an
  // hour, the log would be delayed by an hour. An interrupted wait does no harm.
  pollfd flush = {flush_fd_, POLLIN, 0};
  (void)poll(&flush, 1, static_cast<int>(absl::ToInt64Milliseconds(kFlushInterval)));
  eventfd_t times;
  (void)eventfd_read(flush_fd_, &times);
}

void LogWriter::Run() {
  // The name only helps people who inspect the process, so a failure does not matter.
  (void)pthread_setname_np(pthread_self(), "log_writer");
  std::string lines;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &LogWriter::HasWork));
    }
    // More lines may arrive before this returns, unless a thread waits in Flush().
    AwaitFlush();
    int64_t lost_before = 0;
    bool report = false;
    {
      absl::MutexLock lock(&mutex_);
      report = TakeReportRequest();
      if (ended_ && backlog_.empty() && !report) return;
      lines.clear();
      lines.swap(backlog_);
      lost_before = std::exchange(unmentioned_, 0);
    }
    const int64_t size = static_cast<int64_t>(lines.size());
    if (report) AppendReport(lines);
    WriteLines(lines, lost_before);
    done_ += size;
  }
}

void LogWriter::AppendReport(std::string& lines) {
  if (report_line_ == nullptr) return;
  const std::string line = report_line_();
  if (!line.empty()) absl::StrAppend(&lines, line, "\n");
}

void LogWriter::WriteLines(std::string& lines, int64_t lost_before) {
  const bool mentions = lost_before > 0 && lost_line_ != nullptr;
  // Lines are lost when the backlog is full, so those that wait are older than those that were
  // lost.
  if (mentions) lines.append(lost_line_(lost_before)).push_back('\n');
  // Ends the line that an earlier write cut.
  if (cut_) lines.insert(lines.begin(), '\n');
  if (writing_ != nullptr) writing_(true);
  const absl::string_view rest = WriteAll(lines);
  if (writing_ != nullptr) writing_(false);
  if (rest.empty()) {
    cut_ = false;
    return;
  }
  const size_t written = lines.size() - rest.size();
  int64_t lost = std::count(rest.begin(), rest.end(), '\n');
  if (mentions) --lost;
  if (written > 0) {
    cut_ = lines[written - 1] != '\n';
  } else if (cut_) {
    --lost;
  }
  for (int64_t i = 0; i < lost; ++i) lost_.Increment();
  absl::MutexLock lock(&mutex_);
  unmentioned_ += lost + lost_before;
}

absl::string_view LogWriter::WriteAll(absl::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      // The other end of a pipe or terminal may have made it non-blocking.
      pollfd room = {descriptor_, POLLOUT, 0};
      (void)poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return text;
    }
  }
  return text;
}

}  // namespace uid2
