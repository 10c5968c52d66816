// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_GRPC_STATUS_H_
#define SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace uid2 {

// What a caller sees of `status`: the code, the message and google.rpc details (ErrorInfo with the
// reason, BadRequest where a field is at fault, RetryInfo where the wait is known). This is the
// one place where errors leave the process. A status without a reason is a fault of our own,
// unless it is kCancelled or kDeadlineExceeded: its message stays inside.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace uid2

#endif  // SERVER_RPC_GRPC_STATUS_H_
