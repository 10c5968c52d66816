// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_trace.h"

#include <grpc/slice.h>

#include <iterator>

#include "absl/strings/string_view.h"

namespace uid2 {
namespace {

constexpr char kTraceParent[] = "traceparent";

absl::string_view TextOf(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}

}  // namespace

TraceId TraceIdOf(const grpc::ServerContext& context) {
  const auto [first, end] = context.client_metadata().equal_range(kTraceParent);
  if (first == end || std::next(first) != end) return {};
  return TraceId::FromTraceParent(absl::string_view(first->second.data(), first->second.size()));
}

TraceId TraceIdOf(absl::Span<const grpc_metadata> metadata) {
  const grpc_metadata* found = nullptr;
  for (const grpc_metadata& field : metadata) {
    if (TextOf(field.key) != kTraceParent) continue;
    if (found != nullptr) return {};
    found = &field;
  }
  return found == nullptr ? TraceId() : TraceId::FromTraceParent(TextOf(found->value));
}

}  // namespace uid2
