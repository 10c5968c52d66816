#include "server/telemetry/log_writer.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace uid2 {

LogWriter::LogWriter(int descriptor)
    : descriptor_(descriptor), flush_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Without it nobody could be hurried; a process that has just begun has descriptors left.
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
    ++dropped_;
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

int64_t LogWriter::dropped() const {
  absl::MutexLock lock(&mutex_);
  return dropped_;
}

bool LogWriter::HasWork() const { return ended_ || !backlog_.empty(); }

void LogWriter::FlushNow() const {
  // Fails only where it has been done 2^64 times.
  (void)eventfd_write(flush_fd_, 1);
}

void LogWriter::AwaitFlush() const {
  // Not a lock's wait with a timeout, which ends at a moment of the civil clock: set back by an
  // hour, that would keep the log back for an hour. Interrupted is as good as over.
  pollfd hurry = {flush_fd_, POLLIN, 0};
  (void)poll(&hurry, 1, static_cast<int>(absl::ToInt64Milliseconds(kFlushInterval)));
  eventfd_t times;
  (void)eventfd_read(flush_fd_, &times);
}

void LogWriter::Run() {
  std::string lines;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      mutex_.Await(absl::Condition(this, &LogWriter::HasWork));
    }
    // For more of it, unless somebody waits.
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
      // Nobody is left to tell.
      return;
    }
  }
}

}  // namespace uid2
