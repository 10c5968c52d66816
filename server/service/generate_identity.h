// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SERVICE_GENERATE_IDENTITY_H_
#define SERVER_SERVICE_GENERATE_IDENTITY_H_

#include "absl/strings/string_view.h"
#include "server/call/call_context.h"
#include "server/dii/dii.h"
#include "server/operator/token_api.h"
#include "server/service/participant.h"

namespace uid2 {

struct GenerateIdentityCommand {
  // Exactly one field must be set.
  DiiInput dii;
  // Empty if there is none. A view, like those in `dii`.
  absl::string_view tcf_consent_string;
};

// Gets an identity for a user from the operator. Errors are those of HashDii(),
// CheckConsentString() and TokenApi; an outcome without an identity, such as an opted-out user, is
// not an error. `done` runs exactly once, possibly before this returns. `participant` and `context`
// must live until then.
void GenerateIdentity(const Participant& participant, const GenerateIdentityCommand& command,
                      CallContext& context, TokenApi::Callback<TokenGenerateReply> done);

}  // namespace uid2

#endif  // SERVER_SERVICE_GENERATE_IDENTITY_H_
