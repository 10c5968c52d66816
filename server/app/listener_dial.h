// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_LISTENER_DIAL_H_
#define SERVER_APP_LISTENER_DIAL_H_

#include <openssl/types.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace uid2 {

// An address at which to reach a listener.
struct ListenerAddress {
  sockaddr_storage address = {};
  socklen_t size = 0;
};

// Returns the addresses at which this host reaches what listens on `listen_address`, "HOST:PORT" or
// "[IPV6]:PORT". For a wildcard this is 127.0.0.1, because gRPC accepts IPv4 and IPv6 on either. A
// name may have several, of which gRPC listens on those that it could bind. Looks up names, which
// may take long.
absl::StatusOr<std::vector<ListenerAddress>> ResolveListener(const std::string& listen_address);

// Opens new connections to a gRPC server, and closes each once the server has shown that it accepts
// connections. The server neither logs such a connection nor counts it as a call.
class ListenerDial {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // `tls`: whether the server speaks TLS.
  static absl::StatusOr<ListenerDial> New(bool tls);

  // Returns OK once the server has sent its certificate, which is not verified, or without TLS its
  // HTTP/2 settings. So a server that wants a client certificate answers, too. Otherwise returns
  //   kUnavailable if it refuses or closes the connection, or does not answer until `deadline`,
  //   kResourceExhausted if there was no attempt, for lack of file descriptors or ports,
  //   kCancelled as soon as the descriptor `stop` is readable.
  // Blocks until then. The calling thread must block or ignore SIGPIPE.
  absl::Status Dial(const ListenerAddress& address, int stop, TimePoint deadline) const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };

  explicit ListenerDial(SSL_CTX* context) : context_(context) {}

  // Null without TLS.
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace uid2

#endif  // SERVER_APP_LISTENER_DIAL_H_
