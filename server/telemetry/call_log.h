// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_CALL_LOG_H_
#define SERVER_TELEMETRY_CALL_LOG_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace uid2 {

// What is known about a call when it ends. Contains nothing that came from the caller or the
// operator, except the HTTP status, the trace's id, which is 32 hexadecimal digits, and a name in
// the caller's certificate, which an authority has signed: no request field, no token, no message.
struct CallRecord {
  absl::string_view method;
  absl::StatusCode code = absl::StatusCode::kUnknown;
  // The name of the ErrorReason for which the call failed or an identity was kept; empty if none.
  absl::string_view reason;
  // The outcome's name; empty if the call failed.
  absl::string_view outcome;
  // The caller's name, as configured, which may be "*"; empty if callers are not authenticated or
  // this one is not on the list.
  absl::string_view caller;
  // What the caller's certificate calls its owner, escaped and at most 256 bytes long; empty unless
  // `caller` leaves it open.
  absl::string_view certificate_name;
  // The participant's name, as configured; empty if none was found.
  absl::string_view participant;
  // The number of attempts at the operator call, and how the last one ended: its HTTP status, or 0
  // if there was no reply, and the address and port that it went to, or empty if there was no
  // connection.
  int attempts = 0;
  int operator_status = 0;
  absl::string_view operator_address;
  // The id of the caller's trace; empty if there is none.
  absl::string_view trace_id;
  // Our own error message or, if the call succeeded, why the last attempt that failed did so.
  absl::string_view detail;
  absl::Duration duration;
};

// What is known about one attempt at an operator call when it ends. Like CallRecord, contains
// nothing that came from the caller or the operator.
struct AttemptRecord {
  // The participant's name and the operator's URL, as configured.
  absl::string_view participant;
  absl::string_view address;
  // "generate" or "refresh".
  absl::string_view endpoint;
  // 1 for the first one of a call.
  int attempt = 0;
  // The failure's kind; empty if the attempt succeeded.
  absl::string_view failure;
  // Whether the attempt ended because nobody waited for it any more.
  bool cancelled = false;
  // As in CallRecord. `detail` is empty if the attempt succeeded.
  int operator_status = 0;
  absl::string_view operator_address;
  absl::string_view trace_id;
  absl::string_view detail;
  absl::Duration duration;
};

// Receives every call and every attempt once. Thread-safe; must not block.
class CallLog {
 public:
  virtual ~CallLog() = default;
  virtual void Record(const CallRecord& record) = 0;
  virtual void Record(const AttemptRecord& record) = 0;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_CALL_LOG_H_
