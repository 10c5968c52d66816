// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALLER_TRACE_H_
#define SERVER_RPC_CALLER_TRACE_H_

#include <grpcpp/server_context.h>

#include "server/call/trace_id.h"

namespace uid2 {

// Returns the id of the trace that the call's metadata names (`traceparent`). None if there is no
// such header, if it is not valid, or if there are several.
TraceId TraceIdOf(const grpc::ServerContext& context);

}  // namespace uid2

#endif  // SERVER_RPC_CALLER_TRACE_H_
