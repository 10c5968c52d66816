// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_CERTIFICATE_H_
#define SERVER_CRYPTO_CERTIFICATE_H_

#include <openssl/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace uid2 {

// The properties of a certificate that people want to see. Strings are as in the certificate, with
// unprintable characters escaped.
struct CertificateSummary {
  std::string subject;
  std::string issuer;
  // The DNS names and IP addresses for which the certificate is valid.
  std::vector<std::string> names;
  absl::Time begins;
  absl::Time ends;
};

CertificateSummary Summarize(const X509& certificate);

// Reads all certificates in a PEM file. Fails with kInvalidArgument if the file cannot be read or
// contains none.
absl::StatusOr<std::vector<CertificateSummary>> ReadCertificates(const std::string& path);

// Formats `time` as in "2027-01-31 12:00 UTC".
std::string DateText(absl::Time time);

}  // namespace uid2

#endif  // SERVER_CRYPTO_CERTIFICATE_H_
