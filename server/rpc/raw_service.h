// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_RAW_SERVICE_H_
#define SERVER_RPC_RAW_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include "server/rpc/completion_thread.h"
#include "server/rpc/unary_responder.h"

namespace uid2 {

// A service whose calls are answered by a UnaryResponder. `Generated` is its generated class, with
// WithRawMethod_... for each method.
template <typename Generated>
class RawService : public Generated {
 public:
  // Requests the next call of a unary method from gRPC. `method` is its position in the .proto
  // file, from 0. The other arguments must live until the queue returns `tag`.
  void Request(int method, grpc::ServerContext& context, grpc::ByteBuffer& bytes,
               UnaryResponder& responder, CompletionThread& thread, CompletionTag& tag) {
    this->RequestAsyncUnary(method, &context, &bytes, &responder, &thread.queue(), &thread.queue(),
                            &tag);
  }
};

}  // namespace uid2

#endif  // SERVER_RPC_RAW_SERVICE_H_
