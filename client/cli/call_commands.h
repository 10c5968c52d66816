#ifndef CLIENT_CLI_CALL_COMMANDS_H_
#define CLIENT_CLI_CALL_COMMANDS_H_

#include <istream>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/cli/exit_code.h"
#include "client/cpp/identity_client.h"
#include "server/call/clock.h"

namespace uid2 {

enum class OutputForm {
  // For people, secrets cut short.
  kText,
  // For programs, whole.
  kJson,
  // The identity's JSON and nothing else; nothing where there is no identity.
  kIdentityOnly,
};

// What the commands that call the service have in common.
struct CallEnvironment {
  IdentityClient& client;
  const Clock& clock;
  // For messages.
  std::string address;
  absl::Duration timeout;
  OutputForm form = OutputForm::kText;
  // Results go to `out`, what went wrong to `err`.
  std::ostream& out;
  std::ostream& err;
};

ExitCode RunGenerate(const IdentityClient::GenerateRequest& request, CallEnvironment& environment);
ExitCode RunRefresh(const IdentityClient::RefreshRequest& request, CallEnvironment& environment);
ExitCode RunHealth(CallEnvironment& environment);

}  // namespace uid2

#endif  // CLIENT_CLI_CALL_COMMANDS_H_
