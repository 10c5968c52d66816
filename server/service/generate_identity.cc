// SPDX-License-Identifier: Apache-2.0

#include "server/service/generate_identity.h"

#include <string>
#include <utility>

#include "server/dii/consent_string.h"

namespace uid2 {

void GenerateIdentity(const Participant& participant, const GenerateIdentityCommand& command,
                      CallContext& context, TokenApi::Callback<TokenGenerateReply> done) {
  absl::StatusOr<HashedDii> dii = HashDii(command.dii, participant.dii_policy);
  if (!dii.ok()) return std::move(done)(dii.status());
  const absl::Status consent =
      CheckConsentString(command.tcf_consent_string, participant.scope, participant.dii_policy);
  if (!consent.ok()) return std::move(done)(consent);

  TokenGenerateRequest request;
  request.kind = dii->kind == DiiKind::kEmail ? TokenGenerateRequest::Kind::kEmailHash
                                              : TokenGenerateRequest::Kind::kPhoneHash;
  request.hash = std::move(dii->hash);
  // Also for a UID2 operator, which ignores it: if the participant's scope is wrong, an EUID
  // operator would otherwise issue an identity without looking for consent.
  request.tcf_consent_string = std::string(command.tcf_consent_string);
  participant.token_api->Generate(std::move(request), context, std::move(done));
}

}  // namespace uid2
