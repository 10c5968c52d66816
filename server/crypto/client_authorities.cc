// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/client_authorities.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/crypto/server_certificate.h"

namespace uid2 {
namespace {

absl::Status CheckIsUsable(X509& certificate, const CertificateSummary& summary, absl::Time now) {
  if (X509_check_ca(&certificate) == 0) {
    return absl::InvalidArgumentError(
        "is not of an authority (basicConstraints=CA:TRUE); name the certificate of the authority "
        "that signs the clients' certificates");
  }
  const absl::Status dates = CheckDates(summary, now);
  return dates.ok() ? CheckKeyStrength(certificate) : dates;
}

}  // namespace

absl::StatusOr<ClientAuthorities> ClientAuthorities::Parse(absl::string_view pem, absl::Time now) {
  absl::StatusOr<std::vector<CertificatePtr>> certificates = ReadPemCertificates(pem);
  if (!certificates.ok()) return certificates.status();
  ClientAuthorities authorities(*std::move(certificates));
  for (size_t i = 0; i < authorities.certificates_.size(); ++i) {
    X509& certificate = *authorities.certificates_[i];
    CertificateSummary summary = Summarize(certificate);
    const absl::Status status = CheckIsUsable(certificate, summary, now);
    if (status.ok()) {
      authorities.usable_.push_back(std::move(summary));
    } else {
      authorities.notices_.push_back(
          absl::StrCat("certificate ", i + 1, " (", summary.subject, ") ", status.message()));
    }
  }
  ERR_clear_error();
  if (authorities.usable_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no certificate in it can verify a client: ", authorities.notices_.front()));
  }
  return authorities;
}

}  // namespace uid2
