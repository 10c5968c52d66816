// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_REFLECTION_METHODS_H_
#define SERVER_RPC_REFLECTION_METHODS_H_

#include <vector>

#include "server/rpc/admission.h"
#include "server/rpc/reflection.h"
#include "server/rpc/stream_call.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The full names of the services, which differ in nothing else. Most clients ask for the first and,
// if it is unknown, for the second.
extern const char kReflectionService[];
extern const char kOlderReflectionService[];

// The methods of both services. Questions are answered while `admission` has room for calls. Both
// must outlive the calls.
std::vector<StreamMethod> ReflectionMethods(const Reflection& reflection,
                                            const Admission& admission, Metrics& metrics);

}  // namespace uid2

#endif  // SERVER_RPC_REFLECTION_METHODS_H_
