// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_JSON_LOG_H_
#define SERVER_TELEMETRY_JSON_LOG_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/line_limit.h"
#include "server/telemetry/log_metrics.h"
#include "server/telemetry/log_options.h"
#include "server/telemetry/log_writer.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/severity.h"

namespace uid2 {

// The process's log: one JSON object per line, with "time" (RFC 3339, UTC) and "severity" first.
// docs/log.md describes every field. Thread-safe.
//
// Lines below the configured severity are not logged. Lines about calls and attempts that exceed
// the configured rate are dropped before they are formatted, and the log says once a second how
// many were. Other lines are never dropped here.
class JsonLog : public CallLog, public EventLog {
 public:
  struct Clocks {
    absl::AnyInvocable<absl::Time() const> now;
    absl::AnyInvocable<std::chrono::steady_clock::time_point() const> steady;
  };

  // `descriptor` must stay open as long as this object exists.
  JsonLog(int descriptor, const LogOptions& options, const LogMetrics& metrics, Clocks clocks);

  void Record(const CallRecord& record) override;
  void Record(const AttemptRecord& record) override;

  // Logs "message".
  void Event(Severity severity, absl::string_view message) override;

  // Returns whether a warning may be logged now that anyone who can connect may provoke, and counts
  // it as dropped otherwise. If so, pass it to Event().
  bool AdmitLibraryError();

  // Logs "event", what the service is doing, and what it has done since it started. The numbers are
  // consistent only while the service is idle.
  void Totals(absl::string_view event, const Metrics& metrics);

  // The writer of the lines, to flush it.
  LogWriter& writer() { return writer_; }

 private:
  bool Admit(Severity severity, LineKind kind);
  // Returns a line about what was dropped and has not been reported, or an empty string.
  std::string DroppedLine();

  const LogOptions options_;
  const LogMetrics metrics_;
  const Clocks clocks_;
  LineLimit limit_;
  // Whether the writer has been asked for a report.
  std::atomic<bool> report_requested_{false};
  // The last member, because its thread uses the others.
  LogWriter writer_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_JSON_LOG_H_
