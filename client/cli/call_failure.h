// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_FAILURE_H_
#define CLIENT_CLI_CALL_FAILURE_H_

#include "absl/status/status.h"
#include "client/cli/call_environment.h"
#include "client/cli/exit_code.h"

namespace uid2::cli {

// Reports that a call has failed. If gRPC could not connect, first looks for the cause with a TLS
// handshake of its own, which takes a few seconds at most.
ExitCode FailCall(const absl::Status& status, const CallEnvironment& environment);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_FAILURE_H_
