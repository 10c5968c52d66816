// SPDX-License-Identifier: Apache-2.0

#include "server/app/certificate_age_log.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace uid2 {

CertificateAgeLog::CertificateAgeLog(CertificateFiles files, EventLog& events)
    : files_(std::move(files)), events_(events) {}

void CertificateAgeLog::Check(const CertificateSet& set, absl::Time now) {
  Ages ages;
  for (const CertificateSummary& certificate : set.chain) {
    Check(files_.certificate, certificate, "clients refuse this server", now, ages);
  }
  for (const CertificateSummary& authority : set.client_authorities) {
    Check(files_.client_ca, authority, "clients with certificates from it are refused", now, ages);
  }
  ages_ = std::move(ages);
}

CertificateAgeLog::Age CertificateAgeLog::AgeOf(const CertificateSummary& certificate,
                                                absl::Time now) {
  if (now > certificate.ends) return Age::kEnded;
  return IsNearItsEnd(certificate, now) ? Age::kNearEnd : Age::kFresh;
}

void CertificateAgeLog::Check(const std::string& file, const CertificateSummary& certificate,
                              absl::string_view effect, absl::Time now, Ages& ages) {
  const std::string date = DateText(certificate.ends);
  const std::string key = absl::StrCat(file, "\n", certificate.subject, "\n", date);
  const Age age = AgeOf(certificate, now);
  if (!ages.emplace(key, age).second) return;
  const auto before = ages_.find(key);
  if (age == (before == ages_.end() ? Age::kFresh : before->second)) return;
  const std::string name = absl::StrCat(file, ": the certificate ", certificate.subject);
  switch (age) {
    case Age::kFresh:
      break;
    case Age::kNearEnd:
      events_.Event(Severity::kWarning,
                    absl::StrCat(name, " expires on ", date, "; replace it before that"));
      break;
    case Age::kEnded:
      events_.Event(Severity::kError,
                    absl::StrCat(name, " expired on ", date, ", so ", effect, "; replace it now"));
      break;
  }
}

}  // namespace uid2
