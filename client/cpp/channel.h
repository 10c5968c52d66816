// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CHANNEL_H_
#define CLIENT_CPP_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace uid2::client {

// Where the identity service is and how to connect to it.
struct ChannelOptions {
  // "HOST:PORT", or a gRPC target ("dns:///identity.web.svc:50051", "unix:/run/identity.sock"); see
  // TargetOf() in address.h. A bare HOST:PORT becomes dns:///HOST:PORT, so that calls go to all
  // addresses of a name in turn. In Kubernetes, use a headless service: a service with a cluster IP
  // sends all calls of a connection to the same replica.
  std::string address = "127.0.0.1:50051";

  // Use TLS. The system's certificate authorities are trusted unless `ca_file` is set. Each of the
  // three files below turns TLS on too.
  bool tls = false;
  // PEM file with the certificate authorities that may sign the server's certificate.
  std::string ca_file;
  // PEM files with this client's certificate, including intermediates, and its private key, for a
  // server that requires them (mTLS). Set both or neither.
  std::string certificate_file;
  std::string key_file;
  // The name that the server's certificate must have, if it is not the host in `address`: behind a
  // forwarded port, for example. Empty: the host in `address`.
  std::string server_name;
};

// Creates a channel that balances round-robin and retries calls by the policy below. It connects on
// the first call. The files are read only here: create a new channel after a certificate has been
// renewed. Proxies in the environment are not used.
//
// Fails with kInvalidArgument if an option is invalid, and with kNotFound if a file cannot be read
// or is not a PEM file. The message names the option or the file.
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
