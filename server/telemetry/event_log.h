// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_EVENT_LOG_H_
#define SERVER_TELEMETRY_EVENT_LOG_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/severity.h"

namespace uid2 {

// Receives events of the process as a whole. Thread-safe; must not block.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // `message` must not contain anything from a request or from the operator.
  virtual void Event(Severity severity, absl::string_view message) = 0;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_EVENT_LOG_H_
