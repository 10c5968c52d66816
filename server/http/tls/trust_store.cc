// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/event/regular_file.h"

namespace uid2 {
namespace {

// Many times the size of the system's file.
constexpr size_t kMaxFileSize = size_t{16} << 20;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

struct FreeInfos {
  void operator()(STACK_OF(X509_INFO) * infos) const {
    sk_X509_INFO_pop_free(infos, &X509_INFO_free);
  }
};

// Also empties OpenSSL's error queue, so that a later failure does not report old errors.
std::string LastOpensslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "no certificate found" : reason;
}

absl::Time EndOf(const X509& certificate) {
  std::tm end = {};
  // Fails only if the time is malformed; such a certificate does not verify anything.
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &end) != 1) return absl::InfiniteFuture();
  return absl::FromTM(end, absl::UTCTimeZone());
}

// Adds the certificates in a PEM text, and sets `first_end` to the end of the first of them. Fails
// if there is none: a file of revocation lists or keys is not a file of authorities.
absl::Status AddCertificates(const std::string& text, X509_STORE* store, absl::Time& first_end) {
  const std::unique_ptr<BIO, FreeBio> source(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (source == nullptr) return absl::ResourceExhaustedError("no memory for a BIO");
  const std::unique_ptr<STACK_OF(X509_INFO), FreeInfos> infos(
      PEM_X509_INFO_read_bio(source.get(), nullptr, nullptr, nullptr));
  if (infos == nullptr) return absl::InvalidArgumentError(LastOpensslError());
  int certificates = 0;
  for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i) {
    const X509_INFO* const info = sk_X509_INFO_value(infos.get(), i);
    if (info->x509 == nullptr) continue;
    if (X509_STORE_add_cert(store, info->x509) != 1) {
      return absl::InvalidArgumentError(LastOpensslError());
    }
    first_end = std::min(first_end, EndOf(*info->x509));
    ++certificates;
  }
  // A text that is not PEM at all leaves an error in the queue.
  ERR_clear_error();
  return certificates > 0 ? absl::OkStatus()
                          : absl::InvalidArgumentError("it contains no certificate in PEM");
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
  const absl::Status added = AddCertificates(*text, (*store)->store_.get(), (*store)->first_end_);
  if (!added.ok()) return unusable(added.message());
  return *std::move(store);
}

}  // namespace uid2
