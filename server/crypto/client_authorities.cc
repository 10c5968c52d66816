// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/client_authorities.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/crypto/server_certificate.h"

namespace uid2 {
namespace {

absl::Status CheckIsUsable(const X509& certificate, bool is_authority,
                           const CertificateSummary& summary, absl::Time now) {
  if (!is_authority) {
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
  ClientAuthorities authorities;
  for (size_t i = 0; i < certificates->size(); ++i) {
    CertificatePtr& certificate = (*certificates)[i];
    const bool is_authority = X509_check_ca(certificate.get()) != 0;
    CertificateSummary summary = Summarize(*certificate);
    const absl::Status status = CheckIsUsable(*certificate, is_authority, summary, now);
    if (status.ok()) {
      authorities.usable_.push_back(std::move(summary));
    } else {
      authorities.notices_.push_back(
          absl::StrCat("certificate ", i + 1, " (", summary.subject, ") ", status.message()));
    }
    if (is_authority) authorities.certificates_.push_back(std::move(certificate));
  }
  ERR_clear_error();
  if (authorities.usable_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no certificate in it can verify a client: ", authorities.notices_.front()));
  }
  return authorities;
}

}  // namespace uid2
