// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/unary_service.h"

#include "absl/strings/str_cat.h"

namespace uid2 {

using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

const UnaryService::Method& UnaryService::Add(absl::string_view name) {
  const std::string& path = paths_.emplace_back(absl::StrCat("/", service_, "/", name));
  Method& method = methods_.emplace_back();
  // As in generated code, the base class owns it.
  method.method_ = new RpcServiceMethod(path.c_str(), RpcMethod::NORMAL_RPC, /*handler=*/nullptr);
  AddMethod(method.method_);
  // Otherwise gRPC would start threads for it.
  MarkMethodRaw(static_cast<int>(methods_.size() - 1));
  return method;
}

void UnaryService::Bind(grpc::Server& server) {
  for (Method& method : methods_) method.server_ = server.c_server();
}

}  // namespace uid2
