#ifndef SERVER_IDENTITY_IDENTITY_PARSER_H_
#define SERVER_IDENTITY_IDENTITY_PARSER_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/identity/identity.h"

namespace uid2 {

// The longest identity that is taken from a caller, in bytes. The operator's have about 1,000.
constexpr size_t kMaxIdentityJsonSize = 16 * 1024;

// Reads an identity object, whoever sent it. Unknown fields are kept, numbers keep their text.
// kInvalidArgument says what is wrong, with the names of fields and never their values.
absl::StatusOr<Identity> ParseIdentity(absl::string_view json);

}  // namespace uid2

#endif  // SERVER_IDENTITY_IDENTITY_PARSER_H_
