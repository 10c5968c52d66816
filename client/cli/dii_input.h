// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_DII_INPUT_H_
#define CLIENT_CLI_DII_INPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// Returns the only line of `text`, without its line ending. Blank lines before and after it do not
// count. Spaces within the line are kept, because the service decides what they mean in an email.
// Fails with kInvalidArgument, without quoting the input, if there is no line or more than one.
absl::StatusOr<std::string> OnlyLine(absl::string_view text);

// Puts `line` into the field of `request` that `kind` names: "email", "phone", "email_hash" or
// "phone_hash". If `kind` is empty, "@" or "+" in the line decides. Fails with kInvalidArgument if
// there is no way to tell the kind. The value is not checked: see CheckBareDii().
absl::Status SetDii(absl::string_view line, absl::string_view kind,
                    identity::v1::GenerateIdentityRequest& request);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_DII_INPUT_H_
