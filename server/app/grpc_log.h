// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_GRPC_LOG_H_
#define SERVER_APP_GRPC_LOG_H_

#include "server/telemetry/json_log.h"

namespace uid2 {

// Logs gRPC's own errors to `log`, which must outlive the process's use of gRPC. Logs only the
// place in gRPC's source, because the text of some errors contains metadata that a caller sent
// (gRPC 1.51, "Error parsing metadata").
void SendGrpcErrorsTo(JsonLog& log);

}  // namespace uid2

#endif  // SERVER_APP_GRPC_LOG_H_
