// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_CERTIFICATE_H_
#define SERVER_CRYPTO_CERTIFICATE_H_

#include <openssl/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace uid2 {

// The properties of a certificate that people want to see, or that decide who its owner is. Strings
// are as in the certificate, with quotes, backslashes and all characters other than printable ASCII
// escaped, so that different names stay different and any of them can be logged.
struct CertificateSummary {
  std::string subject;
  std::string issuer;
  // The names for which the certificate is valid (subject alternative names). Other kinds, such as
  // e-mail addresses, are left out. A DNS name may be a pattern, such as "*.example.com".
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::vector<std::string> uris;
  // The first and the last second in which it is valid.
  absl::Time begins;
  absl::Time ends;
};

CertificateSummary Summarize(const X509& certificate);

// The name in the form of CertificateSummary::subject.
std::string NameText(const X509_NAME& name);

// Returns all certificates in `pem`; text around them is ignored. Fails with kInvalidArgument if
// there are none. Leaves nothing in OpenSSL's error queue, which a caller may share with gRPC.
absl::StatusOr<std::vector<CertificateSummary>> ParseCertificates(absl::string_view pem);

// The same for a PEM file, which may also be one that cannot be read.
absl::StatusOr<std::vector<CertificateSummary>> ReadCertificates(const std::string& path);

// Whether the certificate should have been renewed by now: in the last third of its life, or in its
// last 30 days if that is shorter, and from then on.
bool IsNearItsEnd(const CertificateSummary& certificate, absl::Time now);

// The hosts for which the certificate is valid, as in "example.com, 192.0.2.1"; "no name" if none.
std::string HostsText(const CertificateSummary& certificate);

// Formats `time` as in "2027-01-31 12:00 UTC".
std::string DateText(absl::Time time);

}  // namespace uid2

#endif  // SERVER_CRYPTO_CERTIFICATE_H_
