// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_DII_INPUT_H_
#define CLIENT_CLI_DII_INPUT_H_

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// Reads one line from `in` into the field of `request` that `kind` names: "email", "phone",
// "email_hash" or "phone_hash". If `kind` is empty, "@" or "+" in the line decides. The line is not
// validated; the service does that. Fails with kInvalidArgument, without quoting the input, if
// there is no line, more than one line, or no way to tell the kind.
absl::Status ReadDii(std::istream& in, absl::string_view kind,
                     identity::v1::GenerateIdentityRequest& request);

// Reads an identity's JSON from `in`, up to its end. Fails with kInvalidArgument if the input is
// empty or far larger than any identity.
absl::Status ReadIdentity(std::istream& in, identity::v1::RefreshIdentityRequest& request);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_DII_INPUT_H_
