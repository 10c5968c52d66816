#include "server/http/tls/trust_store_file.h"

#include <cstdlib>

#include "absl/memory/memory.h"

namespace uid2 {
namespace {

bool Same(const timespec& one, const timespec& other) {
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrustStoreFile>> TrustStoreFile::Open(const std::string& file) {
  const std::string path = file.empty() ? TrustStore::kSystemFile : file;
  // Before reading: what is written meanwhile then counts as a change.
  const Identity identity = Look(path);
  absl::StatusOr<std::shared_ptr<const TrustStore>> store = TrustStore::Load(path);
  if (!store.ok()) return store.status();
  return absl::WrapUnique(new TrustStoreFile(path, identity, *std::move(store)));
}

TrustStoreFile::~TrustStoreFile() {
  if (reading_ != nullptr) (void)EndReading();
}

absl::optional<absl::Status> TrustStoreFile::Check() {
  if (reading_ != nullptr) {
    if (!reading_->over.load(std::memory_order_acquire)) return absl::nullopt;
    return EndReading();
  }
  const Identity now = Look(file_);
  const bool quiet = now == std::exchange(seen_, now);
  if (!quiet || now == used_) return absl::nullopt;
  const absl::Status status = BeginReading();
  return status.ok() ? absl::nullopt : absl::make_optional(status);
}

absl::Status TrustStoreFile::BeginReading() {
  auto reading = absl::WrapUnique(new Reading{.file = file_, .identity = seen_});
  const int error = pthread_create(&reading->thread, nullptr, &Read, reading.get());
  if (error != 0) return absl::ErrnoToStatus(error, "cannot start a thread");
  reading_ = std::move(reading);
  return absl::OkStatus();
}

absl::Status TrustStoreFile::EndReading() {
  // Only a bug can make it refuse, and the thread would use what is about to go.
  if (pthread_join(reading_->thread, nullptr) != 0) std::abort();
  const std::unique_ptr<Reading> reading = std::move(reading_);
  if (!reading->result.ok()) return reading->result.status();
  store_ = *std::move(reading->result);
  used_ = reading->identity;
  return absl::OkStatus();
}

void* TrustStoreFile::Read(void* reading) {
  Reading& self = *static_cast<Reading*>(reading);
  self.result = TrustStore::Load(self.file);
  self.over.store(true, std::memory_order_release);
  return nullptr;
}

TrustStoreFile::Identity TrustStoreFile::Look(const std::string& file) {
  struct stat status;
  if (stat(file.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified = status.st_mtim,
          .changed = status.st_ctim};
}

bool TrustStoreFile::Identity::operator==(const Identity& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         Same(modified, other.modified) && Same(changed, other.changed);
}

}  // namespace uid2
