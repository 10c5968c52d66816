// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_GRPC_CALL_H_
#define CLIENT_CPP_GRPC_CALL_H_

#include <grpcpp/client_context.h>

#include <atomic>
#include <memory>

#include "client/cpp/call_options.h"

namespace uid2::client {

// One call with CallOptions: gRPC's context for it, and its report.
class GrpcCall {
 public:
  explicit GrpcCall(const CallOptions& options);

  grpc::ClientContext* context() { return &context_; }

  // Fills in the report, if there is one. Call it once the call has ended.
  void Report() const;

 private:
  grpc::ClientContext context_;
  CallReport* const report_;
  const std::shared_ptr<std::atomic<int>> attempts_;
};

}  // namespace uid2::client

#endif  // CLIENT_CPP_GRPC_CALL_H_
