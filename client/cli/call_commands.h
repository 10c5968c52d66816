// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_COMMANDS_H_
#define CLIENT_CLI_CALL_COMMANDS_H_

#include <istream>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "client/cli/exit_code.h"
#include "client/cpp/identity_client.h"
#include "server/call/clock.h"

namespace uid2::cli {

enum class OutputForm {
  // For people, with shortened secrets.
  kText,
  // For programs, in full.
  kJson,
  // Only the identity's JSON; nothing if there is no identity.
  kIdentityOnly,
};

// What all commands that call the service need.
struct CallEnvironment {
  client::IdentityClient& client;
  const Clock& clock;
  // Used in messages.
  std::string address;
  absl::Duration timeout;
  OutputForm form = OutputForm::kText;
  // Results go to `out`, problems to `err`.
  std::ostream& out;
  std::ostream& err;
};

ExitCode RunGenerate(const client::IdentityClient::GenerateRequest& request,
                     CallEnvironment& environment);
ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    CallEnvironment& environment);
ExitCode RunHealth(CallEnvironment& environment);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_COMMANDS_H_
