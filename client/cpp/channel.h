#ifndef CLIENT_CPP_CHANNEL_H_
#define CLIENT_CPP_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace uid2 {

// Where the identity service is and how to speak to it.
struct ChannelOptions {
  // "HOST:PORT", or any gRPC target ("dns:///identity.web.svc:50051", "unix:/run/identity.sock").
  // A bare HOST:PORT becomes dns:///HOST:PORT, so that calls go to all of a name's addresses in
  // turn: in Kubernetes name a headless service, as a service with an address of its own sends
  // all calls of one connection to one replica.
  std::string address = "127.0.0.1:50051";

  // TLS, with the system's certificate authorities unless `ca_file` names others. Any of the
  // three files below turns it on too.
  bool tls = false;
  // PEM file of the certificate authorities that may sign the server's certificate.
  std::string ca_file;
  // PEM files of this client's own certificate, with intermediates, and its private key, for a
  // server that asks for them (mTLS). Both or neither.
  std::string certificate_file;
  std::string key_file;
  // The name that the server's certificate must have, where it is not the address's: behind a
  // forwarded port, say. Empty: the address's.
  std::string server_name;
};

// A channel that balances round-robin and repeats calls by the policy below. Nothing connects
// before the first call. The files are read here, once: after a certificate has been renewed, make
// a new channel. The environment's proxies are not used.
//
// kInvalidArgument names the option that makes no sense, or the file that cannot be read.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ChannelOptions& options);

// The service config: round_robin, and for IdentityService up to three attempts at calls that end
// UNAVAILABLE, 50 ms to 1 s apart, until a budget of ten is used up (a failure costs one, a success
// gives a tenth back, and below five nothing is repeated). Only UNAVAILABLE: the server answers it
// for what another replica, or a moment later, may do better. gRPC caps attempts at five, repeats
// nothing whose reply has begun, and never goes past the call's deadline.
extern const char kServiceConfig[];

}  // namespace uid2

#endif  // CLIENT_CPP_CHANNEL_H_
