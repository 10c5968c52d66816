// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_CONSENT_STRING_H_
#define SERVER_DII_CONSENT_STRING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// Checks whether `text` may be sent to the operator as a TCF consent string. An empty `text` means
// that there is none, which is OK. The operator decodes and evaluates the string, so only harmful
// input is rejected, for UID2 and EUID alike. Fails with CONSENT_STRING_INVALID for a TCF version 1
// string, to which the operator responds with a server error, and for text that cannot be a consent
// string.
absl::Status CheckConsentString(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_DII_CONSENT_STRING_H_
