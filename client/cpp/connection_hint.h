// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CONNECTION_HINT_H_
#define CLIENT_CPP_CONNECTION_HINT_H_

#include "absl/status/status.h"
#include "client/cpp/channel_options.h"

namespace uid2::client {

// If `status` is gRPC's own kUnavailable for a connection that the server has closed, or for a TLS
// handshake that failed, returns it with the likely cause added to its message. gRPC often knows
// only "Socket closed": with TLS 1.3, a server judges a client after the client's handshake.
absl::Status WithConnectionHint(const absl::Status& status, const ChannelOptions& options);

}  // namespace uid2::client

#endif  // CLIENT_CPP_CONNECTION_HINT_H_
