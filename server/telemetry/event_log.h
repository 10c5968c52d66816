// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_EVENT_LOG_H_
#define SERVER_TELEMETRY_EVENT_LOG_H_

#include "absl/strings/string_view.h"

namespace uid2 {

enum class Severity { kInfo, kWarning, kError };

// Is told of what happens to the process as a whole. Thread-safe; must not block.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // `message` holds nothing of a request or of the operator's.
  virtual void Event(Severity severity, absl::string_view message) = 0;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_EVENT_LOG_H_
