// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_INPUT_H_
#define CLIENT_CLI_CALL_INPUT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/command_line.h"
#include "server/call/clock.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// Checks what the flags of `line` say together. The message of kInvalidArgument says what is wrong;
// it has a reason if the user's data is.
absl::Status CheckUserFlags(const CommandLine& line);

// The request for `generate` or `normalize`: the user from the one of four flags that is set, empty
// or not, or else from stdin. Reading stdin ends with --timeout. Fails like ReadInput(), OnlyLine()
// and SetDii(); the value is not checked.
absl::StatusOr<identity::v1::GenerateIdentityRequest> UserRequest(const CommandLine& line,
                                                                  const Clock& clock);

// The request for `refresh`: the identity from the file that `line` names, or else from stdin.
// Fails like ReadInput() and IdentityIn().
absl::StatusOr<identity::v1::RefreshIdentityRequest> RefreshRequest(const CommandLine& line,
                                                                    const Clock& clock);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_INPUT_H_
