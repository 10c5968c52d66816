// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/unary_responder.h"

#include <cstdlib>
#include <map>
#include <string>

namespace uid2 {
namespace {

using Metadata = std::multimap<std::string, std::string>;

// What calls are answered with: nothing. gRPC only reads it.
Metadata& NoMetadata() {
  static Metadata& none = *new Metadata;
  return none;
}

}  // namespace

void UnaryResponder::Finish(const grpc::ByteBuffer& response, CallArena& arena,
                            CompletionTag& tag) {
  MakeOperations(arena, tag);
  operations_->ServerSendStatus(&NoMetadata(), operations_->SendMessage(response));
  call_.PerformOps(operations_.get());
}

void UnaryResponder::FinishWithError(const grpc::Status& error, CallArena& arena,
                                     CompletionTag& tag) {
  MakeOperations(arena, tag);
  operations_->ServerSendStatus(&NoMetadata(), error);
  call_.PerformOps(operations_.get());
}

void UnaryResponder::MakeOperations(CallArena& arena, CompletionTag& tag) {
  static_assert(sizeof(Operations) <= CallArena::kBytes);
  operations_ = arena.Make<Operations>();
  operations_->set_output_tag(&tag);
  operations_->SendInitialMetadata(&NoMetadata(), /*flags=*/0);
}

void UnaryResponder::SendInitialMetadata(void* /*tag*/) { std::abort(); }

}  // namespace uid2
