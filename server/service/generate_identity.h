#ifndef SERVER_SERVICE_GENERATE_IDENTITY_H_
#define SERVER_SERVICE_GENERATE_IDENTITY_H_

#include <string>

#include "server/call/call_context.h"
#include "server/dii/dii.h"
#include "server/operator/token_api.h"
#include "server/service/participant.h"

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

#endif  // SERVER_SERVICE_GENERATE_IDENTITY_H_
