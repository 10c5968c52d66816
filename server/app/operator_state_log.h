// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_OPERATOR_STATE_LOG_H_
#define SERVER_APP_OPERATOR_STATE_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/event_log.h"

namespace uid2 {

// Logs changes of one operator address of a participant, which Throttle, AddressEjection,
// OperatorClock and SyntheticProbe report. They report each change once, some of them under their
// locks; this only formats a line and appends it to the log's memory. Thread-safe.
class OperatorStateLog {
 public:
  // `log` must outlive this object. `has_other_address` says whether calls can go to another
  // address while this one is ejected. If not, ejection has no effect and is not logged.
  OperatorStateLog(absl::string_view participant, absl::string_view url, bool has_other_address,
                   EventLog& log);

  // `endpoint` is "generate" or "refresh".
  void ThrottlingChanged(absl::string_view endpoint, bool throttling);
  void EjectionChanged(absl::string_view endpoint, bool ejected);
  // `offset` is how far the operator's clock is ahead of this host's; negative if it is behind.
  void ClockOffsetChanged(absl::Duration offset);
  // See SyntheticProbe::OnChange.
  void ProbeResultChanged(const absl::Status& status);

 private:
  void Write(Severity severity, absl::string_view what);

  // "participant brand: operator https://operator.example ".
  const std::string prefix_;
  const bool has_other_address_;
  EventLog& log_;
};

}  // namespace uid2

#endif  // SERVER_APP_OPERATOR_STATE_LOG_H_
