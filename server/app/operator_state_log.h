// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_OPERATOR_STATE_LOG_H_
#define SERVER_APP_OPERATOR_STATE_LOG_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/event_log.h"

namespace uid2 {

// Writes to the log what changes about one operator address of a participant, as Throttle,
// AddressEjection and OperatorClock tell it. They tell under their locks, once per change; this
// only formats a line and appends it to the log's memory. Thread-safe.
class OperatorStateLog {
 public:
  // `log` must outlive this. `has_other_address`: whether calls can go to another address while
  // this one is ejected. If they cannot, ejection has no effect and is not logged.
  OperatorStateLog(absl::string_view participant, absl::string_view url, bool has_other_address,
                   EventLog& log);

  void ThrottlingChanged(bool throttling);
  void EjectionChanged(bool ejected);
  // By how much the operator's clock is ahead of this host's; negative: behind.
  void ClockOffsetChanged(absl::Duration offset);

 private:
  void Write(Severity severity, absl::string_view what);

  // "participant brand: operator https://operator.example ".
  const std::string prefix_;
  const bool has_other_address_;
  EventLog& log_;
};

}  // namespace uid2

#endif  // SERVER_APP_OPERATOR_STATE_LOG_H_
