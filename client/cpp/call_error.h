// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CALL_ERROR_H_
#define CLIENT_CPP_CALL_ERROR_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace uid2::client {

// Converts a gRPC status to an Abseil status; server/status/reason.h reads its reason, field and
// time to wait. The inverse of the server's own conversion.
//
// A failure without a reason does not come from the service. It comes from gRPC (no connection,
// deadline exceeded), from a proxy, or from a newer server whose reason this version does not know.
// Such a failure has only a code and a message.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace uid2::client

#endif  // CLIENT_CPP_CALL_ERROR_H_
