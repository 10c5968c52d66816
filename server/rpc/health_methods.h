// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_HEALTH_METHODS_H_
#define SERVER_RPC_HEALTH_METHODS_H_

#include <vector>

#include "server/rpc/health.h"
#include "server/rpc/stream_call.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The methods of grpc.health.v1.Health, which tell `health`, also when the server is overloaded.
// `health` must outlive their calls.
std::vector<StreamMethod> HealthMethods(const Health& health, Metrics& metrics);

}  // namespace uid2

#endif  // SERVER_RPC_HEALTH_METHODS_H_
