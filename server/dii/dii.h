#ifndef SERVER_DII_DII_H_
#define SERVER_DII_DII_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/dii/dii_kind.h"
#include "server/dii/dii_policy.h"

namespace uid2 {

// The four fields in which a request can name a user; an empty one is not set. Views of the
// request's own strings.
struct DiiInput {
  absl::string_view email = "";
  absl::string_view phone = "";
  absl::string_view email_hash = "";
  absl::string_view phone_hash = "";
};

// All of the DII that may leave the process.
struct HashedDii {
  DiiKind kind;
  // Canonical base64. Of 32 bytes, but for hashes of other sizes that came as such under
  // DiiPolicy::kOperator.
  std::string hash;
};

// Normalises and hashes the one field that is set. DII_MISSING where none is, DII_AMBIGUOUS
// where more are; else the field's own reason, with its name. No message holds anything of a
// field's value. kInternal without a reason where SHA-256 itself fails. Thread-safe.
absl::StatusOr<HashedDii> HashDii(const DiiInput& input, DiiPolicy policy);

}  // namespace uid2

#endif  // SERVER_DII_DII_H_
