// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_CERTIFICATE_SET_H_
#define SERVER_SECRETS_CERTIFICATE_SET_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/crypto/certificate.h"
#include "server/secrets/secret.h"

namespace uid2 {

// The paths of a server's certificate and what belongs to it, in PEM.
struct CertificateFiles {
  // The server's certificate, then its intermediate certificates.
  std::string certificate;
  std::string private_key;
  // The authorities that may sign clients' certificates. If empty, clients are not authenticated.
  std::string client_ca;
};

// The content of CertificateFiles, which has been checked together. The PEM texts contain what was
// parsed and nothing else, so that what is used is what was checked.
struct CertificateSet {
  std::string certificate;
  Secret private_key = Secret(std::string());
  // Empty if clients are not authenticated.
  std::string client_ca;

  // The server's certificate first.
  std::vector<CertificateSummary> chain;
  // Those that can verify a client.
  std::vector<CertificateSummary> client_authorities;

  // What is probably a mistake, but does not prevent the use of the set. One line each, which names
  // the file.
  std::vector<std::string> notices;

  // When the first certificate of the chain ends.
  absl::Time ChainEnds() const;

  // Whether the PEM texts are the same.
  friend bool operator==(const CertificateSet& a, const CertificateSet& b);
};

struct LoadedCertificateSet {
  enum class File { kCertificate, kPrivateKey, kClientCa };
  struct Problem {
    File file;
    // One line, which names the file and the fix.
    std::string text;
  };

  // Not set if there is a problem.
  absl::optional<CertificateSet> set;
  std::vector<Problem> problems;
};

// Reads and checks all files, as they would be used at `now`. Texts contain nothing of a private
// key. Blocks while the file system does.
LoadedCertificateSet LoadCertificateSet(const CertificateFiles& files, absl::Time now);

}  // namespace uid2

#endif  // SERVER_SECRETS_CERTIFICATE_SET_H_
