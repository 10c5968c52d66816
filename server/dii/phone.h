#ifndef SERVER_DII_PHONE_H_
#define SERVER_DII_PHONE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Phone numbers are never normalised: which country's digits lack its code, or whether a zero
// is dialled, only the publisher can know. Thread-safe.
namespace uid2 {

// "+" and 10 to 15 of the digits 0 to 9: what implementations take for E.164.
bool IsE164(absl::string_view phone);

// PHONE_NOT_E164 for field "phone", saying what is wrong, unless IsE164.
absl::Status CheckPhone(absl::string_view phone);

}  // namespace uid2

#endif  // SERVER_DII_PHONE_H_
