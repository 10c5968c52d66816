// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_CALL_LOG_H_
#define SERVER_TELEMETRY_CALL_LOG_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace uid2 {

// What is known of a call when it ends. Holds nothing that came from the caller or the operator:
// no field of a request, no token, no message of theirs.
struct CallRecord {
  absl::string_view method;
  // gRPC's name of the code, such as "INVALID_ARGUMENT".
  absl::string_view code;
  // The ErrorReason's name: why the call failed, or why an identity was kept; empty without one.
  absl::string_view reason;
  // The outcome's name; empty where the call failed.
  absl::string_view outcome;
  // A configured name; empty where none was found.
  absl::string_view participant;
  // Our own message of the error.
  absl::string_view detail;
  absl::Duration duration;
};

// Is told of every call, once. Thread-safe; must not block.
class CallLog {
 public:
  virtual ~CallLog() = default;
  virtual void Record(const CallRecord& record) = 0;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_CALL_LOG_H_
