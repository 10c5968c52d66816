// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TLS_CERTIFICATE_FAULT_H_
#define SERVER_HTTP_TLS_CERTIFICATE_FAULT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// A certificate fault means that one side does not accept the other's certificate. It is a
// kUnavailable, like any other failure to connect, but a retry does not help.
absl::Status MakeCertificateFault(absl::string_view message);

bool IsCertificateFault(const absl::Status& status);

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_CERTIFICATE_FAULT_H_
