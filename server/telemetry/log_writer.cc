// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/log_writer.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace uid2 {

LogWriter::LogWriter(int descriptor, Counter dropped)
    : descriptor_(descriptor),
      dropped_(dropped),
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
    dropped_.Increment();
    return;
  }
  backlog_.append(line.data(), line.size());
  backlog_.push_back('\n');
}

void LogWriter::Flush() {
  FlushNow();
  absl::MutexLock lock(&mutex_);
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return backlog_.empty() && !writing_;
  };
  mutex_.Await(absl::Condition(&idle));
}

bool LogWriter::HasWork() const { return ended_ || !backlog_.empty(); }

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
      writing_ = false;
      mutex_.Await(absl::Condition(this, &LogWriter::HasWork));
    }
    // More lines may arrive before this returns, unless a thread waits in Flush().
    AwaitFlush();
    {
      absl::MutexLock lock(&mutex_);
      if (ended_ && backlog_.empty()) return;
      lines.clear();
      lines.swap(backlog_);
      writing_ = true;
    }
    WriteAll(lines);
  }
}

void LogWriter::WriteAll(absl::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      // There is nowhere to report the error.
      return;
    }
  }
}

}  // namespace uid2
