#ifndef SERVER_HTTP_TLS_TRUST_STORE_FILE_H_
#define SERVER_HTTP_TLS_TRUST_STORE_FILE_H_

#include <pthread.h>
#include <sys/stat.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/http/tls/trust_store.h"

namespace uid2 {

// A file of certificate authorities whose content is replaced now and then while it is in use. For
// one thread, which never waits for it: reading the file is for a short-lived thread, since the
// system's 140 authorities take 10 ms of a processor and more.
//
// New content is read when two checks have seen the file the same, so that one that is being
// written is left alone, and is taken in a later check: the third after the change, as a rule.
// Content that cannot be used leaves the earlier one in use, and is tried again as long as it is
// there.
class TrustStoreFile {
 public:
  // Reads `file` at once; empty: the system's. Fails as TrustStore::Load() does.
  static absl::StatusOr<std::unique_ptr<TrustStoreFile>> Open(const std::string& file);

  // Waits for the thread, if there is one.
  ~TrustStoreFile();

  TrustStoreFile(const TrustStoreFile&) = delete;
  TrustStoreFile& operator=(const TrustStoreFile&) = delete;

  // The last good content.
  const std::shared_ptr<const TrustStore>& store() const { return store_; }

  // Looks whether the file has changed; two system calls at most, and no waiting. OK: store() is
  // new. Any other status: why the file's present content is not used. Nothing where there is
  // nothing to say.
  absl::optional<absl::Status> Check();

 private:
  // What tells one content from another. A mounted Kubernetes volume changes by a link's renaming,
  // so this is of the file at the end of all links.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified = {};
    // Also grows with a change of owner or mode, which may be what makes the file readable.
    timespec changed = {};

    bool operator==(const Identity& other) const;
  };

  // One reading of the file, by a thread.
  struct Reading {
    const std::string file;
    const Identity identity;
    absl::StatusOr<std::shared_ptr<const TrustStore>> result = nullptr;
    std::atomic<bool> over{false};
    pthread_t thread = {};
  };

  TrustStoreFile(std::string file, const Identity& identity,
                 std::shared_ptr<const TrustStore> store)
      : file_(std::move(file)), store_(std::move(store)), used_(identity), seen_(identity) {}

  // All zeros where there is no file.
  static Identity Look(const std::string& file);

  absl::Status BeginReading();
  absl::Status EndReading();
  static void* Read(void* reading);

  const std::string file_;
  std::shared_ptr<const TrustStore> store_;
  // Of the content that is in store_, and of what the last check saw.
  Identity used_;
  Identity seen_;
  std::unique_ptr<Reading> reading_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_TRUST_STORE_FILE_H_
