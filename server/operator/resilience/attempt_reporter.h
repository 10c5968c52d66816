// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ATTEMPT_REPORTER_H_
#define SERVER_OPERATOR_RESILIENCE_ATTEMPT_REPORTER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/endpoint_metrics.h"

namespace uid2 {

// Counts and logs the attempts at one endpoint of one of a participant's operator addresses.
// Thread-safe.
class AttemptReporter {
 public:
  // `participant` and `address` are the configured name and URL, and `endpoint` is "generate" or
  // "refresh". `log` must outlive this object.
  AttemptReporter(absl::string_view participant, absl::string_view address,
                  absl::string_view endpoint, const EndpointMetrics& metrics, CallLog& log)
      : participant_(participant),
        address_(address),
        endpoint_(endpoint),
        metrics_(metrics),
        log_(log) {}

  // Call this once for each attempt that has ended, but not for one that was held back
  // (kSuspended). `number` is 1 for the first attempt of a call. `failure` is null after a success.
  // `context` is that of the call, whose trace describes how the attempt ended.
  void Ended(int number, const AttemptFailure* failure, const CallContext& context,
             CallContext::TimePoint begun, CallContext::TimePoint ended) const;

 private:
  const std::string participant_;
  const std::string address_;
  const std::string endpoint_;
  const EndpointMetrics metrics_;
  CallLog& log_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ATTEMPT_REPORTER_H_
