// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/identity_service_handlers.h"

#include <utility>

#include "server/rpc/identity_call_metrics.h"
#include "server/rpc/translation.h"
#include "server/service/generate_identity.h"
#include "server/service/refresh_identity.h"

namespace uid2 {
namespace {

// The number of calls of each method that gRPC may deliver before the queue's thread asks for more:
// as many as are likely to arrive while the thread handles one call.
constexpr int kListeners = 32;

IdentityCallLabels LabelsFor(const Participants& participants, const CallEnvironment& environment) {
  return {participants.names(), environment.callers.names()};
}

DiiField DiiFieldOf(const identity::v1::GenerateIdentityRequest& request) {
  const std::pair<DiiField, bool> fields[] = {
      {DiiField::kEmail, !request.email().empty()},
      {DiiField::kPhone, !request.phone().empty()},
      {DiiField::kEmailHash, !request.email_hash().empty()},
      {DiiField::kPhoneHash, !request.phone_hash().empty()},
  };
  DiiField only = DiiField::kNone;
  for (const auto& [field, is_set] : fields) {
    if (!is_set) continue;
    if (only != DiiField::kNone) return DiiField::kNone;
    only = field;
  }
  return only;
}

}  // namespace

IdentityServiceHandlers::IdentityServiceHandlers(const Service& service,
                                                 const Participants& participants,
                                                 const CallEnvironment& environment,
                                                 Metrics& metrics)
    : participants_(participants),
      generate_(IdentityCallMetrics::kGenerate,
                IdentityCallMetrics::ForGenerate(metrics, LabelsFor(participants, environment)),
                environment, service.generate,
                [this](GenerateMethod::Call& call) { Generate(call); }),
      refresh_(IdentityCallMetrics::kRefresh,
               IdentityCallMetrics::ForRefresh(metrics, LabelsFor(participants, environment)),
               environment, service.refresh, [this](RefreshMethod::Call& call) { Refresh(call); }) {
}

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
  call.set_participant((*participant)->name,
                       generate_.metrics().Of((*participant)->index, DiiFieldOf(call.request())));
  GenerateIdentity(
      **participant, ToCommand(call.request()), call.context(),
      [&call](const absl::StatusOr<TokenGenerateReply>& reply) { call.Finish(ToResponse(reply)); });
}

void IdentityServiceHandlers::Refresh(RefreshMethod::Call& call) {
  const absl::StatusOr<const Participant*> participant =
      participants_.Find(call.request().participant(), call.caller().entry->participants);
  if (!participant.ok()) return call.Finish(participant.status());
  call.set_participant((*participant)->name, refresh_.metrics().Of((*participant)->index));
  RefreshIdentity(**participant, ToCommand(call.request()), call.context(),
                  [&call](const absl::StatusOr<RefreshIdentityResult>& result) {
                    call.Finish(ToResponse(result));
                  });
}

}  // namespace uid2
