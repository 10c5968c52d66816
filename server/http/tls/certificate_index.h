// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TLS_CERTIFICATE_INDEX_H_
#define SERVER_HTTP_TLS_CERTIFICATE_INDEX_H_

#include <openssl/x509.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace uid2 {

// The certificates of a PEM text, by their subjects. One is parsed only when a peer's chain leads
// to it: OpenSSL 3 takes 1.5 million instructions for each, nearly all of them for its key, and the
// system's file has about 140. Immutable, and so thread-safe.
class CertificateIndex {
 public:
  // Ignores keys, revocation lists and text between the blocks. Fails with kInvalidArgument if
  // there is no certificate, if a block is damaged or incomplete, or if one is not in the form of a
  // certificate. Names, times and the nesting of a certificate are checked, its key is not.
  static absl::StatusOr<CertificateIndex> Parse(const std::string& pem);

  // The end of the certificate that ends first.
  absl::Time first_end() const { return first_end_; }

  // Both add certificates to `store`, except those that OpenSSL cannot parse: those with this
  // subject; and those whose subject others have, too. Call the latter before `store` is shared:
  // once it has one certificate, OpenSSL on another thread does not ask for others of that subject.
  void AddTo(X509_STORE* store, const X509_NAME* subject) const;
  void AddRepeated(X509_STORE* store) const;

 private:
  struct Entry {
    unsigned long subject_hash;
    // As in "BEGIN TRUSTED CERTIFICATE", with settings after the certificate.
    bool has_settings;
    std::string der;

    void AddTo(X509_STORE* store) const;
  };

  CertificateIndex() = default;

  absl::Status Add(absl::string_view der, bool has_settings);

  std::vector<Entry> entries_;
  absl::Time first_end_ = absl::InfiniteFuture();
};

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_CERTIFICATE_INDEX_H_
