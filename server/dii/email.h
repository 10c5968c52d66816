#ifndef SERVER_DII_EMAIL_H_
#define SERVER_DII_EMAIL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_policy.h"

namespace uid2 {

// The form of `email` that is hashed, byte for byte what the operator makes of it:
// - A to Z become lower case, and no other character does;
// - before the @ all U+0020 go, after it only those at the end;
// - where exactly gmail.com follows the @, so do all dots before it, and everything from the
//   first + on.
// Nothing else is looked at: the result need not be an address that can receive mail. A
// normalised email normalises to itself.
//
// EMAIL_INVALID for field "email" where there is not exactly one @ with something on either
// side, where it is not UTF-8 (the operator would hash replacement characters), and where
// `policy` refuses it. Thread-safe.
absl::StatusOr<std::string> NormalizeEmail(absl::string_view email, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_EMAIL_H_
