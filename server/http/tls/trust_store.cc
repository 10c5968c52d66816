// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <atomic>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// Also empties OpenSSL's error queue, so that a later failure does not report old errors.
std::string LastOpensslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "no certificate found" : reason;
}

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

TrustStore::TrustStore(Store store) : store_(std::move(store)), id_(NextId()) {}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Load(const std::string& file) {
  const std::string path = file.empty() ? kSystemFile : file;
  Store store(X509_STORE_new());
  if (store == nullptr) return absl::ResourceExhaustedError("no memory for an X509 store");
  if (X509_STORE_load_file(store.get(), path.c_str()) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot load certificate authorities from ", path, ": ", LastOpensslError()));
  }
  // Trust an intermediate authority in the file without its root, as curl and Go do: users of a
  // private authority often have nothing else.
  if (X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) != 1) {
    return absl::InternalError(LastOpensslError());
  }
  return std::shared_ptr<const TrustStore>(absl::WrapUnique(new TrustStore(std::move(store))));
}

}  // namespace uid2
