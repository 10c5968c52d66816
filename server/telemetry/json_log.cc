// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/telemetry/json_line.h"

namespace uid2 {
namespace {

// Totals do not count health checks, reflection and unknown methods.
constexpr char kIdentityService[] = "uid2.identity.v1.IdentityService";

// The field of a report for each kind of line.
constexpr absl::string_view kRefusedNames[LineLimit::kKinds] = {
    "debug_lines", "successes", "callers_errors", "failed_attempts", "faults", "library_errors"};

Severity SeverityOf(const CallRecord& record) {
  switch (record.code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kFailedPrecondition:
      return Severity::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return Severity::kWarning;
    case absl::StatusCode::kOk:
      // An identity was kept: the caller was served, but the operator failed.
      return record.reason.empty() ? Severity::kInfo : Severity::kWarning;
    default:
      return Severity::kInfo;
  }
}

LineKind KindOf(const CallRecord& record, Severity severity) {
  if (severity > Severity::kInfo) return LineKind::kFault;
  return record.code == absl::StatusCode::kOk ? LineKind::kSuccess : LineKind::kCallersError;
}

std::string LostLine(absl::Time now, int64_t lines) {
  JsonLine line(now, Severity::kWarning);
  line.Text("message", absl::StrCat("lines of this log that were lost: ", lines));
  return std::string(line.Finish());
}

}  // namespace

JsonLog::JsonLog(int descriptor, const LogOptions& options, const LogMetrics& metrics,
                 Clocks clocks)
    : options_(options),
      metrics_(metrics),
      clocks_(std::move(clocks)),
      limit_(options.max_lines_per_second),
      writer_(
          descriptor, metrics.unread,
          [this](int64_t lines) { return LostLine(clocks_.now(), lines); },
          [this] { return DroppedLine(); },
          [this](bool begins) {
            const absl::Duration since_epoch = clocks_.now() - absl::UnixEpoch();
            metrics_.write_began.Set(begins ? absl::ToDoubleSeconds(since_epoch) : 0);
          }) {}

void JsonLog::Record(const CallRecord& record) {
  const Severity severity = SeverityOf(record);
  if (!Admit(severity, KindOf(record, severity))) return;
  JsonLine line(clocks_.now(), severity);
  line.Text("method", record.method);
  line.Text("code", absl::StatusCodeToString(record.code));
  line.Milliseconds("ms", record.duration);
  line.Text("reason", record.reason);
  line.Text("outcome", record.outcome);
  line.Text("caller", record.caller);
  line.Text("certificate_name", record.certificate_name);
  line.Text("participant", record.participant);
  line.Count("attempts", record.attempts);
  line.Count("operator_status", record.operator_status);
  line.Text("operator_address", record.operator_address);
  line.Text("trace_id", record.trace_id);
  line.Text("detail", record.detail);
  writer_.Write(line.Finish());
}

void JsonLog::Record(const AttemptRecord& record) {
  const bool failed = !record.failure.empty() && !record.cancelled;
  const Severity severity = failed ? Severity::kInfo : Severity::kDebug;
  if (!Admit(severity, failed ? LineKind::kAttempt : LineKind::kDebug)) return;
  JsonLine line(clocks_.now(), severity);
  line.Number("attempt", record.attempt);
  line.Text("endpoint", record.endpoint);
  line.Text("failure", record.failure);
  line.Milliseconds("ms", record.duration);
  line.Text("participant", record.participant);
  line.Text("address", record.address);
  line.Count("operator_status", record.operator_status);
  line.Text("operator_address", record.operator_address);
  line.Text("trace_id", record.trace_id);
  line.Text("detail", record.detail);
  writer_.Write(line.Finish());
}

void JsonLog::Event(Severity severity, absl::string_view message) {
  if (severity < options_.min_severity) return;
  JsonLine line(clocks_.now(), severity);
  line.Text("message", message);
  writer_.Write(line.Finish());
}

bool JsonLog::AdmitLibraryError() { return Admit(Severity::kWarning, LineKind::kLibraryError); }

bool JsonLog::Admit(Severity severity, LineKind kind) {
  if (severity < options_.min_severity) return false;
  if (limit_.Admit(kind, clocks_.steady())) return true;
  metrics_.over_rate.Increment();
  if (!report_requested_.load(std::memory_order_relaxed) && !report_requested_.exchange(true)) {
    writer_.RequestReport();
  }
  return false;
}

std::string JsonLog::DroppedLine() {
  // First, so that what is dropped from now on is reported another time.
  report_requested_ = false;
  const LineLimit::Refused refused = limit_.TakeRefused();
  JsonLine line(clocks_.now(), Severity::kWarning);
  line.Text("event", "lines_dropped");
  int64_t total = 0;
  for (size_t kind = 0; kind < LineLimit::kKinds; ++kind) {
    line.Count(kRefusedNames[kind], refused[kind]);
    total += refused[kind];
  }
  return total == 0 ? "" : std::string(line.Finish());
}

void JsonLog::Totals(absl::string_view event, const Metrics& metrics) {
  if (Severity::kInfo < options_.min_severity) return;
  const std::string dropped = DroppedLine();
  if (!dropped.empty()) writer_.Write(dropped);
  JsonLine line(clocks_.now(), Severity::kInfo);
  line.Text("event", event);
  const Metrics::Snapshot read = metrics.Read();
  const int64_t refused = read.Total("shed_total");
  const std::pair<absl::string_view, int64_t> numbers[] = {
      {"calls_in_flight", read.Total("calls_in_flight")},
      {"operator_requests_in_flight", read.Total("operator_inflight")},
      {"shared_refreshes", read.Total("shared_refreshes")},
      {"timers", read.Total("timers")},
      {"calls", read.Total("grpc_server_started_total", kIdentityService) - refused},
      {"refused", refused},
      {"operator_requests", read.Total("operator_requests_sent_total")},
      {"retries", read.Total("retries_total")},
      {"operator_resends", read.Total("operator_requests_resent_total")},
      {"suspended", read.Total("operator_calls_suspended_total")},
      {"shared", read.Total("refreshes_shared_total")},
      {"not_opened", read.Total("refresh_replies_not_opened_total")},
      {"log_lines_lost", read.Total("log_lines_dropped_total")},
  };
  for (const auto& [name, number] : numbers) line.Number(name, number);
  writer_.Write(line.Finish());
}

}  // namespace uid2
