// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_CONSENT_STRING_H_
#define SERVER_DII_CONSENT_STRING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// Whether `text` may be sent to the operator as a TCF consent string. Empty means none, which is
// OK. The operator decodes and judges it; only what would do harm is rejected here, in either
// scope. CONSENT_STRING_INVALID for a TCF version 1 string, which makes the operator fail with a
// server error, and for text that cannot be a consent string.
absl::Status CheckConsentString(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_DII_CONSENT_STRING_H_
