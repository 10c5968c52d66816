#ifndef SERVER_CRYPTO_CERTIFICATE_H_
#define SERVER_CRYPTO_CERTIFICATE_H_

#include <openssl/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace uid2 {

// What people ask about a certificate. Texts are as the certificate has them, with everything that
// does not print escaped.
struct CertificateSummary {
  std::string subject;
  std::string issuer;
  // DNS names and IP addresses that it is for.
  std::vector<std::string> names;
  absl::Time begins;
  absl::Time ends;
};

CertificateSummary Summarise(const X509& certificate);

// All certificates of a PEM file. kInvalidArgument: it cannot be read, or holds none.
absl::StatusOr<std::vector<CertificateSummary>> ReadCertificates(const std::string& path);

// "2027-01-31 12:00 UTC".
std::string DateText(absl::Time time);

}  // namespace uid2

#endif  // SERVER_CRYPTO_CERTIFICATE_H_
