// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_DII_H_
#define SERVER_DII_DII_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_hash.h"
#include "server/dii/dii_policy.h"

namespace uid2 {

// The four fields in which a request can identify a user; an empty field is not set. These are
// views of the request's strings.
struct DiiInput {
  absl::string_view email = "";
  absl::string_view phone = "";
  absl::string_view email_hash = "";
  absl::string_view phone_hash = "";
};

// The only form of DII that may leave the process.
struct HashedDii {
  DiiKind kind;
  // Canonical base64 of 32 bytes. Under DiiPolicy::kOperator, a hash from the caller may have 31 or
  // 33 bytes.
  std::string hash;
};

// Normalizes and hashes the one field that is set. Fails with DII_MISSING if no field is set, with
// DII_AMBIGUOUS if more than one is, and otherwise with the reason and name of the invalid field.
// Messages never contain any part of a field's value. Fails with kInternal, without a reason, if
// SHA-256 itself fails. Thread-safe.
absl::StatusOr<HashedDii> HashDii(const DiiInput& input, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_DII_H_
