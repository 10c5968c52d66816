#ifndef SERVER_IDENTITY_GENERATE_IDENTITY_H_
#define SERVER_IDENTITY_GENERATE_IDENTITY_H_

#include <string>

#include "server/http/call_context.h"
#include "server/identity/dii.h"
#include "server/identity/participant.h"
#include "server/operator/token_api.h"

namespace uid2 {

struct GenerateIdentityCommand {
  // Exactly one field is not empty.
  DiiInput dii;
  // Empty: none.
  std::string tcf_consent_string;
};

// Issues an identity for a user. Outcomes are values; errors carry a Reason, those of TokenApi
// included. `done` runs exactly once, perhaps before this returns; `participant` and `context`
// must live until then.
void GenerateIdentity(const Participant& participant, const GenerateIdentityCommand& command,
                      CallContext& context, TokenApi::Callback<TokenGenerateReply> done);

}  // namespace uid2

#endif  // SERVER_IDENTITY_GENERATE_IDENTITY_H_
