// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store_file.h"

#include <utility>

#include "absl/memory/memory.h"

namespace uid2 {

absl::StatusOr<TrustStoreFile::Content> TrustStoreFile::Read(const std::string& file) {
  Content content;
  content.path = file.empty() ? TrustStore::kSystemFile : file;
  content.stamp = FileStamp::Of(content.path);
  absl::StatusOr<std::shared_ptr<const TrustStore>> store = TrustStore::Load(content.path);
  if (!store.ok()) return store.status();
  content.store = *std::move(store);
  return content;
}

absl::StatusOr<std::unique_ptr<TrustStoreFile>> TrustStoreFile::Open(
    Content content, FileWatcher& watcher, std::function<void(const absl::Status&)> report) {
  const std::string path = content.path;
  const FileStamp stamp = content.stamp;
  auto result = absl::WrapUnique(new TrustStoreFile(std::move(content)));
  absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> watch =
      watcher.Begin({.paths = {path},
                     .load =
                         [self = result.get(), stamp, first = true]() mutable {
                           const bool is_loaded =
                               std::exchange(first, false) && FileStamp::Of(self->file_) == stamp;
                           return is_loaded ? absl::OkStatus() : self->Load();
                         },
                     .report = std::move(report)});
  if (!watch.ok()) return watch.status();
  result->watch_ = *std::move(watch);
  return result;
}

std::shared_ptr<const TrustStore> TrustStoreFile::store() const {
  absl::MutexLock lock(&mutex_);
  return store_;
}

void TrustStoreFile::Follow(Listener listener) {
  absl::MutexLock lock(&mutex_);
  // Under the lock, so that listeners receive stores in order.
  listener(store_);
  listeners_.push_back(std::move(listener));
}

absl::Status TrustStoreFile::Load() {
  absl::StatusOr<std::shared_ptr<const TrustStore>> store = TrustStore::Load(file_);
  if (!store.ok()) return store.status();
  absl::MutexLock lock(&mutex_);
  store_ = *std::move(store);
  for (const Listener& listener : listeners_) listener(store_);
  return absl::OkStatus();
}

}  // namespace uid2
