// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_SERVER_CERTIFICATE_H_
#define SERVER_CRYPTO_SERVER_CERTIFICATE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/certificate.h"
#include "server/crypto/pem.h"

namespace uid2 {

// The certificate that a TLS server presents, with the intermediate certificates that lead to its
// authority. Checked as strictly as its clients will check it. Immutable.
class ServerCertificate {
 public:
  // Parses PEM: the server's own certificate first, then the issuer of each in turn; the root may
  // be left out. Fails with kInvalidArgument, and says which certificate is wrong and what to do:
  // if they are in another order, are not valid at `now`, are too weak for OpenSSL's default
  // security level, or if the first is not for servers.
  static absl::StatusOr<ServerCertificate> Parse(absl::string_view pem, absl::Time now);

  // Fails with kInvalidArgument unless `key` is the private key of the first certificate.
  absl::Status CheckKey(const PrivateKeyPtr& key) const;

  // From the first to the last.
  const std::vector<CertificateSummary>& chain() const { return summaries_; }

  // The certificates alone, without the other lines of the text that was parsed.
  absl::StatusOr<std::string> ToPem() const { return WritePem(certificates_); }

 private:
  explicit ServerCertificate(std::vector<CertificatePtr> certificates);

  absl::Status Check(absl::Time now) const;
  // "certificate 2 (CN=intermediate)"
  std::string Name(size_t index) const;

  std::vector<CertificatePtr> certificates_;
  std::vector<CertificateSummary> summaries_;
};

// Fails with kInvalidArgument, and completes the sentence "the certificate ...", if `certificate`
// is not valid at `now`.
absl::Status CheckDates(const CertificateSummary& certificate, absl::Time now);

// The same if its key is too short for OpenSSL's default security level.
absl::Status CheckKeyStrength(const X509& certificate);

}  // namespace uid2

#endif  // SERVER_CRYPTO_SERVER_CERTIFICATE_H_
