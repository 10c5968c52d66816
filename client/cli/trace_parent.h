// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_TRACE_PARENT_H_
#define CLIENT_CLI_TRACE_PARENT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace uid2::cli {

// The header that carries the identifier of a request from one service to the next (W3C Trace
// Context).
constexpr char kTraceParent[] = "traceparent";

// A header value with a new random identifier.
std::string NewTraceParent();

// The identifier in `trace_parent`, or "" if it has another form.
absl::string_view TraceIdOf(absl::string_view trace_parent);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_TRACE_PARENT_H_
