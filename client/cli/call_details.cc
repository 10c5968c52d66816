// SPDX-License-Identifier: Apache-2.0

#include "client/cli/call_details.h"

#include "absl/strings/str_cat.h"
#include "client/cli/report_text.h"
#include "client/cli/trace_parent.h"

namespace uid2::cli {
namespace {

// The server may send both as trailing metadata. Initial metadata would keep gRPC from retrying.
constexpr char kVersion[] = "identity-server-version";
constexpr char kRequestId[] = "x-request-id";

std::string Metadata(const client::CallReport& report, const std::string& name) {
  const auto found = report.metadata.find(name);
  return found == report.metadata.end() ? "" : found->second;
}

// What the server calls the request, or else what we have asked it to call it.
std::string RequestId(const client::CallOptions& options) {
  const std::string id = Metadata(*options.report, kRequestId);
  if (!id.empty()) return id;
  for (const auto& [name, value] : options.metadata) {
    if (name == kTraceParent) return std::string(TraceIdOf(value));
  }
  return "";
}

}  // namespace

std::string ServerVersionOf(const client::CallReport& report) { return Metadata(report, kVersion); }

std::string CallDetails(const client::CallOptions& options, const absl::Status& status,
                        absl::Duration took) {
  const client::CallReport& report = *options.report;
  std::string text;
  AppendLine(text, "address", report.attempts == 0 ? "no connection" : report.peer);
  AppendLine(text, "attempts", absl::StrCat(report.attempts));
  AppendLine(text, "took", absl::FormatDuration(absl::Trunc(took, absl::Microseconds(100))));
  AppendLine(text, "status", absl::StatusCodeToString(status.code()));
  const std::string request_id = RequestId(options);
  if (!request_id.empty()) AppendLine(text, "request_id", request_id);
  const std::string server_version = ServerVersionOf(report);
  if (!server_version.empty()) AppendLine(text, "server_version", server_version);
  return text;
}

}  // namespace uid2::cli
