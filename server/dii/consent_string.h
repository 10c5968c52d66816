// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_CONSENT_STRING_H_
#define SERVER_DII_CONSENT_STRING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_policy.h"
#include "server/identity/scope.h"

namespace uid2 {

// Checks whether `text` may be sent as a TCF consent string to an operator of `scope`. An empty
// `text` means that there is none, which is OK. Fails with CONSENT_STRING_INVALID.
//
// An EUID operator decodes and evaluates the string, and responds to a TCF version 1 string with a
// server error, so such a string is rejected under both policies. A UID2 operator ignores the
// string. Policy kStrict also rejects, for either scope, a string that no consent platform
// produces; kOperator leaves that to the operator.
absl::Status CheckConsentString(absl::string_view text, Scope scope, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_CONSENT_STRING_H_
