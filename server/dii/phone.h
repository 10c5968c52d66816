// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_PHONE_H_
#define SERVER_DII_PHONE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Phone numbers are never normalized: we cannot tell a missing country code or a trunk zero from a
// valid number. Thread-safe.
namespace uid2 {

// Whether `phone` is "+" and 10 to 15 digits from 0 to 9, which implementations accept as E.164.
bool IsE164(absl::string_view phone);

// Returns OK if IsE164(phone). Otherwise fails with PHONE_NOT_E164 for the field "phone" and a
// message that says what is wrong.
absl::Status CheckPhone(absl::string_view phone);

}  // namespace uid2

#endif  // SERVER_DII_PHONE_H_
