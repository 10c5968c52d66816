// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/translation.h"

#include <utility>

namespace uid2 {
namespace {

using identity::v1::GenerateIdentityRequest;
using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityRequest;
using identity::v1::RefreshIdentityResponse;

void Fill(Identity&& identity, identity::v1::Identity& proto) {
  proto.set_advertising_token(std::move(identity.advertising_token));
  proto.set_refresh_token(std::move(identity.refresh_token));
  proto.set_refresh_response_key(std::move(identity.refresh_response_key));
  proto.set_identity_expires(identity.identity_expires);
  proto.set_refresh_from(identity.refresh_from);
  proto.set_refresh_expires(identity.refresh_expires);
  proto.set_json(std::move(identity.json));
}

GenerateIdentityResponse::Outcome ToProto(TokenGenerateReply::Outcome outcome) {
  switch (outcome) {
    case TokenGenerateReply::Outcome::kIssued:
      return GenerateIdentityResponse::ISSUED;
    case TokenGenerateReply::Outcome::kOptedOut:
      return GenerateIdentityResponse::OPTED_OUT;
    case TokenGenerateReply::Outcome::kInsufficientConsent:
      return GenerateIdentityResponse::INSUFFICIENT_CONSENT;
  }
  return GenerateIdentityResponse::OUTCOME_UNSPECIFIED;
}

RefreshIdentityResponse::Outcome ToProto(RefreshIdentityResult::Outcome outcome) {
  switch (outcome) {
    case RefreshIdentityResult::Outcome::kRefreshed:
      return RefreshIdentityResponse::REFRESHED;
    case RefreshIdentityResult::Outcome::kNotDue:
      return RefreshIdentityResponse::NOT_DUE;
    case RefreshIdentityResult::Outcome::kKept:
      return RefreshIdentityResponse::KEPT;
    case RefreshIdentityResult::Outcome::kOptedOut:
      return RefreshIdentityResponse::OPTED_OUT;
    case RefreshIdentityResult::Outcome::kLoginRequired:
      return RefreshIdentityResponse::LOGIN_REQUIRED;
  }
  return RefreshIdentityResponse::OUTCOME_UNSPECIFIED;
}

}  // namespace

GenerateIdentityCommand ToCommand(const GenerateIdentityRequest& request) {
  GenerateIdentityCommand command;
  command.dii.email = request.email();
  command.dii.phone = request.phone();
  command.dii.email_hash = request.email_hash();
  command.dii.phone_hash = request.phone_hash();
  command.tcf_consent_string = request.tcf_consent_string();
  return command;
}

RefreshIdentityCommand ToCommand(const RefreshIdentityRequest& request) {
  return {request.identity_json(), request.force()};
}

absl::StatusOr<GenerateIdentityResponse> ToResponse(absl::StatusOr<TokenGenerateReply> reply) {
  if (!reply.ok()) return reply.status();
  GenerateIdentityResponse response;
  response.set_outcome(ToProto(reply->outcome));
  if (reply->identity.has_value()) Fill(*std::move(reply->identity), *response.mutable_identity());
  return response;
}

absl::StatusOr<RefreshIdentityResponse> ToResponse(absl::StatusOr<RefreshIdentityResult> result) {
  if (!result.ok()) return result.status();
  RefreshIdentityResponse response;
  response.set_outcome(ToProto(result->outcome));
  response.set_kept_reason(result->kept_reason);
  if (result->identity.has_value()) {
    Fill(*std::move(result->identity), *response.mutable_identity());
  }
  return response;
}

}  // namespace uid2
