#include "server/telemetry/log_writer.h"

#include <unistd.h>

#include <cerrno>

namespace uid2 {

LogWriter::LogWriter(int descriptor) : descriptor_(descriptor), thread_([this] { Run(); }) {}

LogWriter::~LogWriter() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  thread_.join();
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
  absl::MutexLock lock(&mutex_);
  hurry_ = true;
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

void LogWriter::Run() {
  std::string lines;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      // First for something to write, then for more of it, unless somebody waits.
      mutex_.Await(absl::Condition(this, &LogWriter::HasWork));
      const auto hurry = [this]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ || hurry_; };
      mutex_.AwaitWithTimeout(absl::Condition(&hurry), kFlushInterval);
      hurry_ = false;
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
