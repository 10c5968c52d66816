#ifndef CLIENT_CLI_DII_INPUT_H_
#define CLIENT_CLI_DII_INPUT_H_

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// Sets the one field of `request` that `kind` names ("email", "phone", "email_hash", "phone_hash";
// empty: told by "@" or "+") to the line that `in` holds, without its end. The service judges the
// rest. kInvalidArgument, without a word of the line, where there is none, more than one, or a kind
// must be said.
absl::Status ReadDii(std::istream& in, absl::string_view kind,
                     identity::v1::GenerateIdentityRequest& request);

// All that `in` holds, as an identity's JSON. kInvalidArgument where it is empty or far larger than
// any identity.
absl::Status ReadIdentity(std::istream& in, identity::v1::RefreshIdentityRequest& request);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_DII_INPUT_H_
