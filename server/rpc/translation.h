// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_TRANSLATION_H_
#define SERVER_RPC_TRANSLATION_H_

#include "absl/status/statusor.h"
#include "server/operator/token_api.h"
#include "server/rpc/encoded_response.h"
#include "server/service/generate_identity.h"
#include "server/service/refresh_identity.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {

// Conversions between the public messages and the use cases' types. Errors are passed on unchanged.
// A command refers to the request's strings.

GenerateIdentityCommand ToCommand(const identity::v1::GenerateIdentityRequest& request);
RefreshIdentityCommand ToCommand(const identity::v1::RefreshIdentityRequest& request);

absl::StatusOr<EncodedResponse> ToResponse(const absl::StatusOr<TokenGenerateReply>& reply);
absl::StatusOr<EncodedResponse> ToResponse(const absl::StatusOr<RefreshIdentityResult>& result);

}  // namespace uid2

#endif  // SERVER_RPC_TRANSLATION_H_
