// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_TLS_PROBE_H_
#define CLIENT_DOCTOR_TLS_PROBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/doctor/finding.h"
#include "server/crypto/certificate.h"
#include "server/http/tls/trust_store.h"

namespace uid2::doctor {

// The result of a handshake, including one that the server's own client would abort.
struct TlsProbe {
  // "TLSv1.3".
  std::string protocol;
  CertificateSummary certificate;
  // OpenSSL's X509_V_... code for the chain and the name.
  long verify_result = 0;
};

// Does a TLS handshake with `host` over the connected socket `fd`, which the caller still owns,
// trusting `authorities`. Fails with kUnavailable and OpenSSL's message if the handshake fails.
absl::StatusOr<TlsProbe> ProbeTls(int fd, const std::string& host, const TrustStore& authorities);

// Evaluates the result of ProbeTls().
Finding CheckTls(const absl::StatusOr<TlsProbe>& probe, const std::string& host, absl::Time now);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_TLS_PROBE_H_
