// SPDX-License-Identifier: Apache-2.0

#include "server/call/trace_id.h"

#include <algorithm>

namespace uid2 {
namespace {

// "VERSION-TRACE_ID-PARENT_ID-FLAGS". A later version may append "-" and more.
constexpr size_t kVersionSize = 2;
constexpr size_t kTraceId = 3;
constexpr size_t kTraceIdSize = 32;
constexpr size_t kParentId = 36;
constexpr size_t kParentIdSize = 16;
constexpr size_t kFlags = 53;
constexpr size_t kFlagsSize = 2;
constexpr size_t kSize = 55;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char digit) {
    return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
  });
}

bool IsZero(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char digit) { return digit == '0'; });
}

bool IsValid(absl::string_view header) {
  if (header.size() < kSize) return false;
  const absl::string_view version = header.substr(0, kVersionSize);
  if (!IsHex(version) || version == "ff") return false;
  if (header.size() > kSize && (version == "00" || header[kSize] != '-')) return false;
  if (header[kTraceId - 1] != '-' || header[kParentId - 1] != '-' || header[kFlags - 1] != '-') {
    return false;
  }
  const absl::string_view trace_id = header.substr(kTraceId, kTraceIdSize);
  const absl::string_view parent_id = header.substr(kParentId, kParentIdSize);
  return IsHex(trace_id) && !IsZero(trace_id) && IsHex(parent_id) && !IsZero(parent_id) &&
         IsHex(header.substr(kFlags, kFlagsSize));
}

}  // namespace

TraceId TraceId::FromTraceParent(absl::string_view header) {
  TraceId id;
  if (IsValid(header)) std::copy_n(header.begin() + kTraceId, kTraceIdSize, id.digits_.begin());
  return id;
}

}  // namespace uid2
