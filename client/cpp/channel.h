// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CHANNEL_H_
#define CLIENT_CPP_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"
#include "client/cpp/channel_options.h"

namespace uid2::client {

// Creates a channel that balances round-robin and retries calls by the policy below. It connects on
// the first call. Proxies in the environment are not used. Fails like MakeCredentials(), and with
// kInvalidArgument if the address is invalid.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ChannelOptions& options);

// The service config: round_robin, and for IdentityService up to three attempts at calls that fail
// with UNAVAILABLE or CANCELLED, 50 ms to 1 s apart. The retry budget has ten tokens: a failure
// takes one, a success returns a tenth, and there are no retries at five or below. The server uses
// UNAVAILABLE for failures that another replica, or the same one a little later, may not have.
// CANCELLED is what gRPC's server answers to a call that arrives while it shuts down. A call that
// its caller has cancelled is not retried. gRPC itself allows at most five attempts, does not retry
// once a response has started, and never exceeds the call's deadline.
extern const char kServiceConfig[];

}  // namespace uid2::client

#endif  // CLIENT_CPP_CHANNEL_H_
