#ifndef SERVER_DII_CONSENT_STRING_H_
#define SERVER_DII_CONSENT_STRING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// Whether `text` may be sent to the operator as a TCF consent string; empty is "none" and may.
// The operator decodes and judges it. Only what would hurt is refused here, whatever the scope:
// CONSENT_STRING_INVALID for a TCF version 1 string, at which the operator fails with a server
// error, and for text that cannot be a consent string.
absl::Status CheckConsentString(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_DII_CONSENT_STRING_H_
