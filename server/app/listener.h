// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_LISTENER_H_
#define SERVER_APP_LISTENER_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/rpc/client_connection_options.h"
#include "server/rpc/unary_service.h"

namespace uid2 {

// The gRPC server that listens on one address, with the limits on connections and messages. First
// add the queues and services, then start it. Not thread-safe, except as noted.
class Listener {
 public:
  struct Options {
    // "HOST:PORT"; port 0 picks a free one.
    std::string address;
    std::shared_ptr<grpc::ServerCredentials> credentials;
    ClientConnectionOptions connections;
  };

  explicit Listener(const Options& options);

  // Before Start(). The queue must outlive the listener, and must be drained after Shutdown().
  std::unique_ptr<grpc::ServerCompletionQueue> AddCompletionQueue();
  // Before Start(). `service` must outlive the listener; a UnaryService is bound when it has
  // started. The second one gets all calls whose method no service has; at most one can be
  // registered.
  void Register(UnaryService& service);
  void Register(grpc::AsyncGenericService& service);

  // When this returns OK, connections are accepted. Errors say how to fix the problem.
  absl::Status Start();

  // "127.0.0.1:50051", with the port that was bound. Valid after Start().
  const std::string& address() const { return address_; }

  bool started() const { return server_ != nullptr; }

  // Closes the port and tells clients to leave (GOAWAY) at once, and returns when the last
  // connection has ended, however long that takes. Call this at most once, on any thread.
  void Shutdown();

  // Cancels the calls and streams in progress, and closes their connections. May be called while
  // Shutdown() runs.
  void CancelAllCalls();

 private:
  std::string address_;
  grpc::ServerBuilder builder_;
  int port_ = 0;
  std::vector<UnaryService*> unary_services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace uid2

#endif  // SERVER_APP_LISTENER_H_
