// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc_status.h"

#include <string>

#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// absl::StatusCode uses gRPC's numbers (absl/status/status.h).
grpc::StatusCode ToGrpcCode(absl::StatusCode code) { return static_cast<grpc::StatusCode>(code); }

void AddDetails(const absl::Status& status, Reason reason, google::rpc::Status& proto) {
  google::rpc::ErrorInfo info;
  info.set_reason(identity::v1::ErrorReason_Name(reason));
  info.set_domain(kErrorDomain);
  proto.add_details()->PackFrom(info);

  const std::string field = FieldOf(status);
  if (!field.empty()) {
    google::rpc::BadRequest bad_request;
    google::rpc::BadRequest::FieldViolation& violation = *bad_request.add_field_violations();
    violation.set_field(field);
    violation.set_description(std::string(status.message()));
    proto.add_details()->PackFrom(bad_request);
  }

  const absl::optional<absl::Duration> retry_after = RetryAfterOf(status);
  if (retry_after.has_value()) {
    google::rpc::RetryInfo retry_info;
    absl::Duration rest;
    retry_info.mutable_retry_delay()->set_seconds(
        absl::IDivDuration(*retry_after, absl::Seconds(1), &rest));
    retry_info.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
    proto.add_details()->PackFrom(retry_info);
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const Reason reason = ReasonOf(status);
  std::string message(status.message());
  if (reason == identity::v1::ERROR_REASON_UNSPECIFIED) {
    if (!absl::IsCancelled(status) && !absl::IsDeadlineExceeded(status)) {
      return grpc::Status(grpc::StatusCode::INTERNAL, "internal error; the server's log says more");
    }
    return grpc::Status(ToGrpcCode(status.code()), message);
  }
  // The message names the field too, because not every client decodes details.
  const std::string field = FieldOf(status);
  if (!field.empty()) message = field + ": " + message;

  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(message);
  AddDetails(status, reason, proto);
  return grpc::Status(ToGrpcCode(status.code()), message, proto.SerializeAsString());
}

}  // namespace uid2
