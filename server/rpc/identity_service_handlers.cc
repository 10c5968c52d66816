// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/identity_service_handlers.h"

#include <utility>

#include "server/rpc/translation.h"
#include "server/service/generate_identity.h"
#include "server/service/refresh_identity.h"
#include "server/telemetry/method_metrics.h"

namespace uid2 {
namespace {

constexpr char kGenerate[] = "GenerateIdentity";
constexpr char kRefresh[] = "RefreshIdentity";

// The number of calls of each method that gRPC may deliver before the queue's thread asks for more:
// as many as are likely to arrive while the thread handles one call.
constexpr int kListeners = 32;

// Turns one of the service's generated Request... members into a UnaryMethod's request function.
template <typename Service>
auto RequestOn(Service& service, CompletionThread& thread,
               void (Service::*request)(grpc::ServerContext*, grpc::ByteBuffer*,
                                        RawCall::Responder*, grpc::CompletionQueue*,
                                        grpc::ServerCompletionQueue*, void*)) {
  return [&service, &thread, request](grpc::ServerContext* context, grpc::ByteBuffer* bytes,
                                      RawCall::Responder* responder, CompletionTag* tag) {
    (service.*request)(context, bytes, responder, &thread.queue(), &thread.queue(), tag);
  };
}

}  // namespace

IdentityServiceHandlers::IdentityServiceHandlers(Service& service, const Participants& participants,
                                                 const CallEnvironment& environment,
                                                 Metrics& metrics)
    : participants_(participants),
      generate_(
          kGenerate,
          MethodMetrics::In(metrics, identity::v1::IdentityService::service_full_name(), kGenerate),
          environment,
          RequestOn<Service>(service, environment.thread, &Service::RequestGenerateIdentity),
          [this](GenerateMethod::Call& call) { Generate(call); }),
      refresh_(
          kRefresh,
          MethodMetrics::In(metrics, identity::v1::IdentityService::service_full_name(), kRefresh),
          environment,
          RequestOn<Service>(service, environment.thread, &Service::RequestRefreshIdentity),
          [this](RefreshMethod::Call& call) { Refresh(call); }) {}

void IdentityServiceHandlers::Start() {
  for (int i = 0; i < kListeners; ++i) {
    generate_.Listen();
    refresh_.Listen();
  }
}

void IdentityServiceHandlers::Generate(GenerateMethod::Call& call) {
  const absl::StatusOr<const Participant*> participant =
      participants_.Find(call.request().participant(), call.caller().entry->participants);
  if (!participant.ok()) return call.Finish(participant.status());
  call.set_participant((*participant)->name);
  GenerateIdentity(**participant, ToCommand(call.request()), call.context(),
                   [&call](absl::StatusOr<TokenGenerateReply> reply) {
                     call.Finish(ToResponse(std::move(reply)));
                   });
}

void IdentityServiceHandlers::Refresh(RefreshMethod::Call& call) {
  const absl::StatusOr<const Participant*> participant =
      participants_.Find(call.request().participant(), call.caller().entry->participants);
  if (!participant.ok()) return call.Finish(participant.status());
  call.set_participant((*participant)->name);
  RefreshIdentity(**participant, ToCommand(call.request()), call.context(),
                  [&call](absl::StatusOr<RefreshIdentityResult> result) {
                    call.Finish(ToResponse(std::move(result)));
                  });
}

}  // namespace uid2
