// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_JSON_LOG_H_
#define SERVER_TELEMETRY_JSON_LOG_H_

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/log_writer.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The process's log: one JSON object per line, with "time" (RFC 3339, UTC) and "severity" first.
// Thread-safe.
class JsonLog : public CallLog, public EventLog {
 public:
  using Now = absl::AnyInvocable<absl::Time() const>;

  // `writer` must outlive this object.
  JsonLog(LogWriter& writer, Now now);

  // Logs a call: "method", "code", "ms" and, if they apply, "reason", "outcome", "caller",
  // "certificate_name", "participant", "attempts", "operator_status", "operator_address" and
  // "detail".
  void Record(const CallRecord& record) override;

  // Logs "message".
  void Event(Severity severity, absl::string_view message) override;

  // The line that says how many lines of the log were lost, for LogWriter.
  static std::string LostLine(absl::Time now, int64_t lines);

  // Logs "event", what the service is doing, and what it has done since it started. The numbers are
  // consistent only while the service is idle.
  void Totals(absl::string_view event, const Metrics& metrics);

 private:
  LogWriter& writer_;
  const Now now_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_JSON_LOG_H_
