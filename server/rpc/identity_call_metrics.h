// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_IDENTITY_CALL_METRICS_H_
#define SERVER_RPC_IDENTITY_CALL_METRICS_H_

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <string>
#include <vector>

#include "server/rpc/result_counters.h"
#include "server/telemetry/method_metrics.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Which of a request's fields identifies the user: kNone if none does, or several do.
enum class DiiField { kNone, kEmail, kPhone, kEmailHash, kPhoneHash };

// Who can make calls, and for whom: names as configured. Nothing else becomes a label.
struct IdentityCallLabels {
  // By Participant::index.
  std::vector<std::string> participants;
  // By Caller::number; empty if callers are not authenticated.
  std::vector<std::string> callers;
};

// The metrics of one method of IdentityService: grpc_server_*, identity_calls_total and, if callers
// are authenticated, caller_calls_total. Every call must be counted exactly once in each of them,
// so that their sums agree. Thread-safe.
//
// These series of identity_calls_total exist from the start, so that alerts see even the first
// failure, and a dashboard shows zeros and not gaps: every outcome and every reason that a call can
// end with, 109 for each participant. One that is not foreseen here is added when it first occurs.
// A call that ends before its participant is found, such as a refused one, has neither a
// participant nor a kind of DII.
//
// Of caller_calls_total, only the reasons that are about callers exist from the start:
// CALLER_NOT_ALLOWED and CALLER_LIMIT. The others are added when they first occur, because few
// callers use all methods and meet all errors. There are at most 47 for each caller.
class IdentityCallMetrics {
 public:
  static constexpr char kGenerate[] = "GenerateIdentity";
  static constexpr char kRefresh[] = "RefreshIdentity";

  static IdentityCallMetrics ForGenerate(Metrics& metrics, const IdentityCallLabels& labels);
  static IdentityCallMetrics ForRefresh(Metrics& metrics, const IdentityCallLabels& labels);

  const MethodMetrics& method() const { return method_; }

  // Calls whose participant was not found.
  const ResultCounters& WithoutParticipant() const { return without_participant_; }

  // `participant` is a Participant::index. The field of a refresh is kNone.
  const ResultCounters& Of(size_t participant, DiiField field = DiiField::kNone) const;

  // `caller` is a Caller::number. Null if callers are not authenticated.
  const ResultCounters* OfCaller(size_t caller) const;

 private:
  IdentityCallMetrics(Metrics& metrics, const char* method, const IdentityCallLabels& labels,
                      const google::protobuf::EnumDescriptor& outcomes,
                      const std::vector<DiiField>& fields);

  MethodMetrics method_;
  ResultCounters without_participant_;
  // For each participant, one for each field.
  size_t fields_;
  std::vector<ResultCounters> participants_;
  std::vector<ResultCounters> callers_;
};

}  // namespace uid2

#endif  // SERVER_RPC_IDENTITY_CALL_METRICS_H_
