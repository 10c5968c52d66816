// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_HANDSHAKE_FINDING_H_
#define CLIENT_DOCTOR_HANDSHAKE_FINDING_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/channel_options.h"
#include "client/doctor/finding.h"
#include "client/doctor/handshake.h"

namespace uid2::doctor {

// Evaluates the result of TryHandshake(options), which gRPC would only call "Socket closed". The
// finding is named "connection"; its fix speaks of identityctl's flags. It is skipped if there was
// no handshake to judge. Reads the client's certificate file.
Finding CheckHandshake(const absl::StatusOr<Handshake>& handshake,
                       const client::ChannelOptions& options, absl::Time now);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_HANDSHAKE_FINDING_H_
