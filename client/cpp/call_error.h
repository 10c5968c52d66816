#ifndef CLIENT_CPP_CALL_ERROR_H_
#define CLIENT_CPP_CALL_ERROR_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace uid2 {

// What the server said, as a status whose reason, field and time to wait server/status/reason.h
// reads: the way back from the server's own conversion.
//
// A failure without a reason is not the service's answer: gRPC's own (no connection, deadline
// passed), a proxy's, or a newer server's with a reason that this version does not know. Its code
// and message are then all there is.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace uid2

#endif  // CLIENT_CPP_CALL_ERROR_H_
