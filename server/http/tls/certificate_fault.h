#ifndef SERVER_HTTP_TLS_CERTIFICATE_FAULT_H_
#define SERVER_HTTP_TLS_CERTIFICATE_FAULT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// No connection, because the certificates do not satisfy one of the two sides: a kUnavailable
// like any other failure to connect, but one that trying again does not mend.
absl::Status MakeCertificateFault(absl::string_view message);

bool IsCertificateFault(const absl::Status& status);

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_CERTIFICATE_FAULT_H_
