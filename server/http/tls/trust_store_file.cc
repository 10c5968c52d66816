// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store_file.h"

#include "absl/memory/memory.h"

namespace uid2 {

absl::StatusOr<std::unique_ptr<TrustStoreFile>> TrustStoreFile::Open(
    const std::string& file, FileWatcher& watcher,
    std::function<void(const absl::Status&)> report) {
  const std::string path = file.empty() ? TrustStore::kSystemFile : file;
  auto result = absl::WrapUnique(new TrustStoreFile(path));
  absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> watch =
      watcher.Begin({.paths = {path},
                     .load = [self = result.get()] { return self->Load(); },
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
