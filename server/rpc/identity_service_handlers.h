// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_
#define SERVER_RPC_IDENTITY_SERVICE_HANDLERS_H_

#include "server/rpc/raw_service.h"
#include "server/rpc/unary_call.h"
#include "server/service/participant.h"
#include "server/telemetry/metrics.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {

// Serves IdentityService on one completion queue: translates messages and delegates to the use
// cases. `Service` is what is registered with gRPC. Several handlers, each with its own queue, may
// serve the same `Service`.
class IdentityServiceHandlers {
 public:
  using Service = RawService<identity::v1::IdentityService::WithRawMethod_GenerateIdentity<
      identity::v1::IdentityService::WithRawMethod_RefreshIdentity<
          identity::v1::IdentityService::Service>>>;

  // The positions of the methods in the .proto file.
  static constexpr int kGenerateMethod = 0;
  static constexpr int kRefreshMethod = 1;

  // How many methods count down `methods_over` of their environment.
  static constexpr int kMethods = 2;

  // All of these must outlive the queue's thread.
  IdentityServiceHandlers(Service& service, const Participants& participants,
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
