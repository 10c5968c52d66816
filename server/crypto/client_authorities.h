// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_CLIENT_AUTHORITIES_H_
#define SERVER_CRYPTO_CLIENT_AUTHORITIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/certificate.h"
#include "server/crypto/pem.h"

namespace uid2 {

// The certificate authorities that may sign the certificates of a TLS server's clients. Immutable.
class ClientAuthorities {
 public:
  // Parses PEM. Fails with kInvalidArgument if the text contains anything but certificates, or none
  // that can verify a client at `now`.
  static absl::StatusOr<ClientAuthorities> Parse(absl::string_view pem, absl::Time now);

  // Those that can verify a client; at least one.
  const std::vector<CertificateSummary>& usable() const { return usable_; }

  // Why others cannot, such as "certificate 2 (CN=old) expired on ...". One line each.
  const std::vector<std::string>& notices() const { return notices_; }

  // The certificates of all authorities, without the other lines of the text that was parsed.
  // Without other certificates, either: to OpenSSL, as gRPC uses it, a client's own certificate in
  // this list would be trusted. Those that are not valid now may be later.
  absl::StatusOr<std::string> ToPem() const { return WritePem(certificates_); }

 private:
  ClientAuthorities() = default;

  std::vector<CertificatePtr> certificates_;
  std::vector<CertificateSummary> usable_;
  std::vector<std::string> notices_;
};

}  // namespace uid2

#endif  // SERVER_CRYPTO_CLIENT_AUTHORITIES_H_
