// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_UNARY_SERVICE_H_
#define SERVER_RPC_UNARY_SERVICE_H_

#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2 {

// A gRPC service of unary methods whose calls are requested as ServerCalls. Register it with a
// grpc::ServerBuilder, as a generated service.
class UnaryService final : public grpc::Service {
 public:
  // A method, once the server has been started.
  class Method {
   public:
    grpc_server* server() const { return server_; }
    // gRPC's handle.
    void* handle() const { return method_->server_tag(); }

   private:
    friend class UnaryService;

    grpc_server* server_ = nullptr;
    grpc::internal::RpcServiceMethod* method_ = nullptr;
  };

  // `service` is the full name of the .proto's service.
  explicit UnaryService(absl::string_view service) : service_(service) {}

  // Adds a method of the service. Call this before the service is registered. The result lives as
  // long as the service.
  const Method& Add(absl::string_view name);

  // Call this when `server`, with which the service is registered, has been started, before a call
  // is requested.
  void Bind(grpc::Server& server);

 private:
  const std::string service_;
  // gRPC keeps pointers to the paths.
  std::deque<std::string> paths_;
  std::deque<Method> methods_;
};

}  // namespace uid2

#endif  // SERVER_RPC_UNARY_SERVICE_H_
