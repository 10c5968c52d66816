// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALLER_TRACE_H_
#define SERVER_RPC_CALLER_TRACE_H_

#include <grpc/grpc.h>
#include <grpcpp/server_context.h>

#include "absl/types/span.h"
#include "server/call/trace_id.h"

namespace uid2 {

// Returns the id of the trace that the call's metadata names (`traceparent`). None if there is no
// such header, if it is not valid, or if there are several.
TraceId TraceIdOf(const grpc::ServerContext& context);
TraceId TraceIdOf(absl::Span<const grpc_metadata> metadata);

}  // namespace uid2

#endif  // SERVER_RPC_CALLER_TRACE_H_
