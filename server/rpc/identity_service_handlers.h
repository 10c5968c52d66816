// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_
#define SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_

#include "server/rpc/unary_call.h"
#include "server/service/participant.h"
#include "server/telemetry/metrics.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {

// IdentityService on one completion queue: translates, delegates, answers. `Service` is what is
// registered with gRPC; several handlers, each with a queue of its own, may serve one.
class IdentityServiceHandlers {
 public:
  using Service = identity::v1::IdentityService::WithRawMethod_GenerateIdentity<
      identity::v1::IdentityService::WithRawMethod_RefreshIdentity<
          identity::v1::IdentityService::Service>>;

  // All of these must outlive the queue's thread.
  IdentityServiceHandlers(Service& service, const Participants& participants,
                          const CallEnvironment& environment, Metrics& metrics);

  // Begins to take calls. The server must have been started, the queue's thread not yet.
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
