// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_REFLECTION_METHODS_H_
#define SERVER_RPC_REFLECTION_METHODS_H_

#include <vector>

#include "server/rpc/admission.h"
#include "server/rpc/reflection.h"
#include "server/rpc/stream_call.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The methods of grpc.reflection.v1.ServerReflection and of grpc.reflection.v1alpha, which older
// clients ask for, and which differs in its name only. Questions are answered while `admission` has
// room for calls. Both arguments must outlive the calls.
std::vector<StreamMethod> ReflectionMethods(const Reflection& reflection,
                                            const Admission& admission, Metrics& metrics);

}  // namespace uid2

#endif  // SERVER_RPC_REFLECTION_METHODS_H_
