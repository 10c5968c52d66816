// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/translation.h"

namespace uid2 {
namespace {

using identity::v1::GenerateIdentityRequest;
using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityRequest;
using identity::v1::RefreshIdentityResponse;

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

absl::StatusOr<EncodedResponse> ToResponse(const absl::StatusOr<TokenGenerateReply>& reply) {
  if (!reply.ok()) return reply.status();
  return EncodeResponse(ToProto(reply->outcome), reply->identity);
}

absl::StatusOr<EncodedResponse> ToResponse(const absl::StatusOr<RefreshIdentityResult>& result) {
  if (!result.ok()) return result.status();
  return EncodeResponse(ToProto(result->outcome), result->identity, result->kept_reason);
}

}  // namespace uid2
