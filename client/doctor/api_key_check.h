// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_API_KEY_CHECK_H_
#define CLIENT_DOCTOR_API_KEY_CHECK_H_

#include "absl/strings/string_view.h"
#include "client/doctor/finding.h"
#include "server/identity/scope.h"

namespace uid2::doctor {

// Checks whether the scope, role and environment that a key names, as in "UID2-C-I-123-abcdef.",
// match where it is sent. `scope` is the configured one; `host` is the host in operator_url;
// `credentials_dir` is the folder with the key. Old keys name nothing. The meaning of
// the letters is our interpretation, so a mismatch is only a warning: the operator decides.
Finding CheckApiKey(absl::string_view key, Scope scope, absl::string_view host,
                    absl::string_view credentials_dir);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_API_KEY_CHECK_H_
