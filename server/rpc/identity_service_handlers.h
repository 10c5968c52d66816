// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_
#define SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_

#include "server/rpc/unary_call.h"
#include "server/rpc/unary_service.h"
#include "server/service/participant.h"
#include "server/telemetry/metrics.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {

// Serves IdentityService on one completion queue: translates messages and delegates to the use
// cases. Several handlers, each with its own queue, may serve the same `Service`.
class IdentityServiceHandlers {
 public:
  // What is registered with gRPC.
  struct Service {
    UnaryService grpc_service{identity::v1::IdentityService::service_full_name()};
    const UnaryService::Method& generate = grpc_service.Add(IdentityCallMetrics::kGenerate);
    const UnaryService::Method& refresh = grpc_service.Add(IdentityCallMetrics::kRefresh);
  };

  // How many methods count down `methods_over` of their environment.
  static constexpr int kMethods = 2;

  // All of these must outlive the queue's thread.
  IdentityServiceHandlers(const Service& service, const Participants& participants,
                          const CallEnvironment& environment, Metrics& metrics);

  // Starts to accept calls. The server must have been started, and the queue's thread must not.
  void Start();

 private:
  using GenerateMethod =
      UnaryMethod<identity::v1::GenerateIdentityRequest, identity::v1::GenerateIdentityResponse>;
  using RefreshMethod =
      UnaryMethod<identity::v1::RefreshIdentityRequest, identity::v1::RefreshIdentityResponse>;

  void Generate(GenerateMethod::Call& call);
  void Refresh(RefreshMethod::Call& call);

  const Participants& participants_;
  GenerateMethod generate_;
  RefreshMethod refresh_;
};

}  // namespace uid2

#endif  // SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_
