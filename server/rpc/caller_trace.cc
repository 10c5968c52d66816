// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_trace.h"

#include <iterator>

#include "absl/strings/string_view.h"

namespace uid2 {
namespace {

constexpr char kTraceParent[] = "traceparent";

}  // namespace

TraceId TraceIdOf(const grpc::ServerContext& context) {
  const auto [first, end] = context.client_metadata().equal_range(kTraceParent);
  if (first == end || std::next(first) != end) return {};
  return TraceId::FromTraceParent(absl::string_view(first->second.data(), first->second.size()));
}

}  // namespace uid2
