// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <atomic>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/event/regular_file.h"
#include "server/http/tls/certificate_index.h"

namespace uid2 {
namespace {

// Many times the size of the system's file.
constexpr size_t kMaxFileSize = size_t{16} << 20;

// Also empties OpenSSL's error queue, so that a later failure does not report old errors.
std::string LastOpensslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "OpenSSL failed" : reason;
}

// OpenSSL calls these when a store lacks a certificate that a verification needs.

int AddCertificatesOf(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* subject,
                      X509_OBJECT* found) {
  if (type != X509_LU_X509) return 0;
  X509_STORE* const store = X509_LOOKUP_get_store(lookup);
  static_cast<const CertificateIndex*>(X509_LOOKUP_get_method_data(lookup))->AddTo(store, subject);
  if (X509_STORE_lock(store) != 1) return 0;
  X509_OBJECT* const added =
      X509_OBJECT_retrieve_by_subject(X509_STORE_get0_objects(store), type, subject);
  X509* const certificate = added == nullptr ? nullptr : X509_OBJECT_get0_X509(added);
  const bool ok = certificate != nullptr && X509_OBJECT_set1_X509(found, certificate) == 1;
  // OpenSSL takes `found` for a view of what the store owns, and adds a reference of its own.
  if (ok) X509_free(certificate);
  (void)X509_STORE_unlock(store);
  return ok ? 1 : 0;
}

void FreeIndex(X509_LOOKUP* lookup) {
  delete static_cast<const CertificateIndex*>(X509_LOOKUP_get_method_data(lookup));
}

// Null if there is no memory for it. Never freed, like OpenSSL's own.
X509_LOOKUP_METHOD* NewLookupMethod() {
  X509_LOOKUP_METHOD* const method = X509_LOOKUP_meth_new("certificate index");
  if (method == nullptr) return nullptr;
  (void)X509_LOOKUP_meth_set_get_by_subject(method, &AddCertificatesOf);
  (void)X509_LOOKUP_meth_set_free(method, &FreeIndex);
  return method;
}

absl::Status LookUpIn(CertificateIndex index, X509_STORE* store) {
  static X509_LOOKUP_METHOD* const method = NewLookupMethod();
  if (method == nullptr) return absl::ResourceExhaustedError("no memory for a lookup");
  X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, method);
  if (lookup == nullptr) return absl::ResourceExhaustedError(LastOpensslError());
  index.AddRepeated(store);
  auto owned = std::make_unique<const CertificateIndex>(std::move(index));
  if (X509_LOOKUP_set_method_data(lookup, const_cast<CertificateIndex*>(owned.get())) != 1) {
    return absl::InternalError(LastOpensslError());
  }
  // FreeIndex() deletes it.
  (void)owned.release();
  return absl::OkStatus();
}

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

TrustStore::TrustStore(Store store) : store_(std::move(store)), id_(NextId()) {}

absl::StatusOr<std::unique_ptr<TrustStore>> TrustStore::New() {
  Store store(X509_STORE_new());
  if (store == nullptr) return absl::ResourceExhaustedError("no memory for an X509 store");
  // Trust an intermediate authority in a file without its root, as curl and Go do: users of a
  // private authority often have nothing else.
  if (X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) != 1) {
    return absl::InternalError(LastOpensslError());
  }
  return absl::WrapUnique(new TrustStore(std::move(store)));
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Empty() {
  absl::StatusOr<std::unique_ptr<TrustStore>> store = New();
  if (!store.ok()) return store.status();
  return *std::move(store);
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Load(const std::string& file) {
  const std::string path = file.empty() ? kSystemFile : file;
  const auto unusable = [&path](absl::string_view reason) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot load certificate authorities from ", path, ": ", reason));
  };
  const absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxFileSize);
  if (!text.ok()) return unusable(text.status().message());
  absl::StatusOr<std::unique_ptr<TrustStore>> store = New();
  if (!store.ok()) return store.status();
  absl::StatusOr<CertificateIndex> index = CertificateIndex::Parse(*text);
  if (!index.ok()) return unusable(index.status().message());
  (*store)->first_end_ = index->first_end();
  const absl::Status added = LookUpIn(*std::move(index), (*store)->store_.get());
  if (!added.ok()) return unusable(added.message());
  return *std::move(store);
}

}  // namespace uid2
