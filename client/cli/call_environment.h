// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_ENVIRONMENT_H_
#define CLIENT_CLI_CALL_ENVIRONMENT_H_

#include "client/cli/console.h"
#include "client/cpp/call_options.h"
#include "client/cpp/channel_options.h"
#include "client/cpp/identity_client.h"
#include "server/call/clock.h"

namespace uid2::cli {

// What all commands that call the service need.
struct CallEnvironment {
  client::IdentityClient& client;
  const Clock& clock;
  // How `client` connects.
  client::ChannelOptions channel;
  // With a report.
  client::CallOptions options;
  // Whether to print the report.
  bool verbose = false;
  const Console& console;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_ENVIRONMENT_H_
