// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TLS_TRUST_STORE_FILE_H_
#define SERVER_HTTP_TLS_TRUST_STORE_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/event/file_stamp.h"
#include "server/event/file_watcher.h"
#include "server/http/tls/trust_store.h"

namespace uid2 {

// A file of certificate authorities whose content may be replaced while it is in use. It is read
// once for all users. Thread-safe.
class TrustStoreFile {
 public:
  using Listener = std::function<void(std::shared_ptr<const TrustStore>)>;

  // A file that has been loaded.
  struct Content {
    std::string path;
    // From before it was loaded.
    FileStamp stamp;
    std::shared_ptr<const TrustStore> store;
  };

  // Loads `file`, or the system's file if `file` is empty. Fails like TrustStore::Load().
  static absl::StatusOr<Content> Read(const std::string& file);

  // Follows the file from `content`, which is loaded again now only if it has changed since; then
  // this fails like TrustStore::Load(). `watcher` must outlive this object. `report`, which may be
  // null, is FileWatcher::Files::report.
  static absl::StatusOr<std::unique_ptr<TrustStoreFile>> Open(
      Content content, FileWatcher& watcher, std::function<void(const absl::Status&)> report);

  TrustStoreFile(const TrustStoreFile&) = delete;
  TrustStoreFile& operator=(const TrustStoreFile&) = delete;

  // The last valid content.
  std::shared_ptr<const TrustStore> store() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `listener` with the current store before this returns, and then with each new one on the
  // watcher's thread. `listener` must not block, and must be valid until this object is destroyed.
  void Follow(Listener listener) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  explicit TrustStoreFile(Content content)
      : file_(std::move(content.path)), store_(std::move(content.store)) {}

  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string file_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const TrustStore> store_ ABSL_GUARDED_BY(mutex_);
  std::vector<Listener> listeners_ ABSL_GUARDED_BY(mutex_);
  // The last member, because its destructor waits for Load(), which uses the others.
  std::unique_ptr<FileWatcher::Watch> watch_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_TRUST_STORE_FILE_H_
