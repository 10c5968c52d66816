// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_CHANNEL_OPTIONS_H_
#define CLIENT_CPP_CHANNEL_OPTIONS_H_

#include <string>

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

  bool UsesTls() const { return tls || !ca_file.empty() || !certificate_file.empty(); }
};

}  // namespace uid2::client

#endif  // CLIENT_CPP_CHANNEL_OPTIONS_H_
