#ifndef CLIENT_DOCTOR_TLS_PROBE_H_
#define CLIENT_DOCTOR_TLS_PROBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/doctor/finding.h"
#include "server/crypto/certificate.h"
#include "server/http/tls/trust_store.h"

namespace uid2 {

// What a handshake showed, whether or not the server's own client would go on after it.
struct TlsProbe {
  // "TLSv1.3".
  std::string protocol;
  CertificateSummary certificate;
  // OpenSSL's X509_V_... for the chain and the name.
  long verify_result = 0;
};

// Shakes hands over the connected socket `fd`, which stays the caller's, as a client of `host` that
// trusts `authorities`. kUnavailable, in OpenSSL's words, where there is no TLS.
absl::StatusOr<TlsProbe> ProbeTls(int fd, const std::string& host, const TrustStore& authorities);

// Judges it.
Finding CheckTls(const absl::StatusOr<TlsProbe>& probe, const std::string& host, absl::Time now);

}  // namespace uid2

#endif  // CLIENT_DOCTOR_TLS_PROBE_H_
