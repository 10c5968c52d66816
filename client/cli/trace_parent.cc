// SPDX-License-Identifier: Apache-2.0

#include "client/cli/trace_parent.h"

#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/str_format.h"

namespace uid2::cli {

std::string NewTraceParent() {
  absl::BitGen random;
  const auto draw = [&random] {
    return absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, ~uint64_t{0});
  };
  // Version 0, and the flag that the trace may be recorded.
  return absl::StrFormat("00-%016x%016x-%016x-01", draw(), draw(), draw());
}

absl::string_view TraceIdOf(absl::string_view trace_parent) {
  constexpr size_t kBegin = 3;
  constexpr size_t kSize = 32;
  if (trace_parent.size() < kBegin + kSize + 1 || trace_parent[2] != '-' ||
      trace_parent[kBegin + kSize] != '-') {
    return "";
  }
  return trace_parent.substr(kBegin, kSize);
}

}  // namespace uid2::cli
