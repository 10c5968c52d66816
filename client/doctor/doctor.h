// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_DOCTOR_H_
#define CLIENT_DOCTOR_DOCTOR_H_

#include <string>

#include "client/cpp/channel_options.h"
#include "client/doctor/finding.h"
#include "server/call/clock.h"

namespace uid2::doctor {

// What to check.
struct Subject {
  // The server's configuration file.
  std::string path;
  // One participant, or all of them if empty.
  std::string participant;
  // How a caller connects. It is checked if it has a certificate or turns TLS on.
  client::ChannelOptions caller;
};

// Checks the configuration and everything that it refers to. Calls operators only with their own
// test users, and does no more than a handshake with the server.
void Examine(const Subject& subject, const Clock& clock, const FindingSink& sink);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_DOCTOR_H_
