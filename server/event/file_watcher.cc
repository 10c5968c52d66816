// SPDX-License-Identifier: Apache-2.0

#include "server/event/file_watcher.h"

#include <chrono>

#include "absl/memory/memory.h"

namespace uid2 {

absl::StatusOr<std::unique_ptr<FileWatcher>> FileWatcher::New(absl::Duration interval) {
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::New();
  if (!loop.ok()) return loop.status();
  auto watcher = absl::WrapUnique(new FileWatcher(*std::move(loop), interval));
  absl::StatusOr<Thread> thread =
      Thread::Start("file watcher", [loop = watcher->loop_.get()] { loop->Run(); });
  if (!thread.ok()) return thread.status();
  watcher->thread_.emplace(*std::move(thread));
  return watcher;
}

FileWatcher::FileWatcher(std::unique_ptr<EventLoop> loop, absl::Duration interval)
    : interval_(interval),
      loop_(std::move(loop)),
      next_check_(*loop_, [this](EventLoop::TimePoint now) {
        CheckAll();
        next_check_.Set(now + absl::ToChronoNanoseconds(interval_));
      }) {
  next_check_.Set(EventLoop::Alarm::kAtOnce);
}

FileWatcher::~FileWatcher() { loop_->Stop(); }

absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> FileWatcher::Begin(Files files) {
  auto watch = absl::WrapUnique(new Watch(*this, std::move(files)));
  // Done before loading, so that a write during loading counts as a change.
  watch->used_ = watch->seen_ = FileStamp::OfAll(watch->files_.paths);
  const absl::Status status = watch->files_.load();
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  watches_.push_back(watch.get());
  return watch;
}

void FileWatcher::CheckAll() {
  absl::MutexLock lock(&mutex_);
  for (Watch* const watch : watches_) watch->Check();
}

FileWatcher::Watch::~Watch() {
  absl::MutexLock lock(&watcher_.mutex_);
  std::erase(watcher_.watches_, this);
}

void FileWatcher::Watch::Check() {
  LoadChanges();
  if (files_.checked) files_.checked();
}

void FileWatcher::Watch::LoadChanges() {
  std::vector<FileStamp> now = FileStamp::OfAll(files_.paths);
  const bool quiet = now == std::exchange(seen_, now);
  // If the files in use are back after others were refused, that is a change, too.
  const bool unchanged = now == used_ && reported_.ok();
  if (!quiet || unchanged) return;
  const absl::Status status = files_.load();
  if (status.ok()) {
    used_ = std::move(now);
  } else if (status == reported_) {
    return;
  }
  reported_ = status;
  if (files_.report) files_.report(status);
}

}  // namespace uid2
