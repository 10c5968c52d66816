// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CLIENT_CONNECTION_OPTIONS_H_
#define SERVER_RPC_CLIENT_CONNECTION_OPTIONS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace uid2 {

// How connections from clients are treated. For the meaning of each value, see `ClientConnections`
// in proto/uid2/identity/config/v1/server_config.proto.
struct ClientConnectionOptions {
  int max_concurrent_streams = 2148;
  absl::Duration handshake_timeout = absl::Seconds(10);
  absl::Duration max_connection_age = absl::Minutes(5);
  absl::Duration max_connection_age_grace = absl::Seconds(10);
  absl::Duration max_connection_idle = absl::Minutes(15);
  absl::Duration keepalive_time = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(10);
  // What gRPC may use for all connections and calls together.
  int64_t memory_quota_bytes = int64_t{256} << 20;
};

}  // namespace uid2

#endif  // SERVER_RPC_CLIENT_CONNECTION_OPTIONS_H_
