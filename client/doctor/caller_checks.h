// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_CALLER_CHECKS_H_
#define CLIENT_DOCTOR_CALLER_CHECKS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/doctor/finding.h"
#include "server/config/configuration.h"
#include "server/rpc/caller.h"

namespace uid2::doctor {

// Checks the certificates that the server presents to its callers, and who may read its private
// key. `tls` is valid, as far as LoadConfiguration() checks it.
Finding CheckServerTls(const absl::optional<TlsConfiguration>& tls, absl::Time now);

// Checks whether a caller with the certificate chain in the PEM file `certificate` may call, as the
// server would: its authority, its dates, and the list of callers.
Finding CheckCallerCertificate(const std::string& certificate,
                               const absl::optional<TlsConfiguration>& tls,
                               const std::vector<CallerEntry>& callers, absl::Time now);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_CALLER_CHECKS_H_
