// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_GRPC_STATUS_H_
#define SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace uid2 {

// Converts `status` to what the caller sees: the code, the message and google.rpc details
// (ErrorInfo with the reason, BadRequest if a field is at fault, RetryInfo if the wait is known).
// All errors leave the process through this function. A status without a reason is an internal
// error, unless it is kCancelled or kDeadlineExceeded; the caller does not see its message.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace uid2

#endif  // SERVER_RPC_GRPC_STATUS_H_
