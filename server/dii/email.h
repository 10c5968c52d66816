// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_EMAIL_H_
#define SERVER_DII_EMAIL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_policy.h"

namespace uid2 {

// Normalizes `email` for hashing, byte for byte as the operator does:
// - A to Z become lower case; no other character changes;
// - U+0020 is removed everywhere before the @, and at the end;
// - if exactly gmail.com follows the @, dots before the @ are removed, and everything from the
//   first + to the @.
// Nothing else is checked: the result need not be an address that can receive mail. Normalizing an
// email twice gives the same result as normalizing it once.
//
// Fails with EMAIL_INVALID for the field "email" if there is not exactly one @ with something on
// either side, if `email` is not UTF-8 (the operator would hash replacement characters), or if
// `policy` rejects it. Thread-safe.
absl::StatusOr<std::string> NormalizeEmail(absl::string_view email, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_EMAIL_H_
