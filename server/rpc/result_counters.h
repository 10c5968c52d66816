// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_RESULT_COUNTERS_H_
#define SERVER_RPC_RESULT_COUNTERS_H_

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/status/reason.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// How a call ended.
struct CallResult {
  absl::StatusCode code = absl::StatusCode::kOk;
  // Why the call failed, or why the outcome is not a better one; may be unspecified.
  Reason reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  // The number of the response's outcome, if the code is OK.
  int outcome = 0;
};

// Counts how calls ended: a counter for each outcome and reason, with further labels that all of
// them share. The labels are "outcome", which is empty if the call failed, and "reason", which is
// empty if there is none; a failure without a reason has the name of its code instead, such as
// "CANCELLED".
//
// A counter is found by an array index, and its series is made by Create() or when the first call
// ends like this. There can be only as many as there are outcomes, times reasons and codes.
// Thread-safe and, once the series exists, lock-free.
class ResultCounters {
 public:
  // `outcomes` is the enum of the response. The series are those of `name` in `metrics`.
  ResultCounters(Metrics& metrics, absl::string_view name, absl::string_view help,
                 Metrics::Labels labels, const google::protobuf::EnumDescriptor& outcomes);
  ResultCounters(ResultCounters&& other) noexcept;
  ResultCounters& operator=(ResultCounters&& other) noexcept;
  ~ResultCounters();

  // Makes the series, so that it starts at zero and the first increase is seen.
  void Create(const CallResult& result) const;

  void Increment(const CallResult& result) const;

 private:
  struct Table;

  std::unique_ptr<Table> table_;
};

}  // namespace uid2

#endif  // SERVER_RPC_RESULT_COUNTERS_H_
