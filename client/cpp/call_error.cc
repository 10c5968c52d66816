// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/call_error.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/status/reason.h"

namespace uid2::client {
namespace {

struct Details {
  Reason reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  std::string field;
  absl::optional<absl::Duration> retry_after;
};

Details ReadDetails(const std::string& bytes) {
  Details result;
  google::rpc::Status proto;
  if (!proto.ParseFromString(bytes)) return result;
  for (const google::protobuf::Any& detail : proto.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      Reason reason;
      if (info.domain() == kErrorDomain &&
          identity::v1::ErrorReason_Parse(info.reason(), &reason)) {
        result.reason = reason;
      }
    } else if (detail.UnpackTo(&bad_request)) {
      if (bad_request.field_violations_size() > 0) {
        result.field = bad_request.field_violations(0).field();
      }
    } else if (detail.UnpackTo(&retry)) {
      result.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                           absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
  return result;
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // absl::StatusCode has the same numbers as gRPC (absl/status/status.h).
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const Details details = ReadDetails(status.error_details());
  // The reason determines the code. If they do not match, the server and the client have different
  // tables; the code is what every caller understands.
  if (details.reason == identity::v1::ERROR_REASON_UNSPECIFIED || CodeOf(details.reason) != code) {
    return absl::Status(code, status.error_message());
  }
  // The server also names the field in the message, for callers that do not decode details.
  const std::string prefix = details.field.empty() ? "" : absl::StrCat(details.field, ": ");
  const std::string whole = status.error_message();
  const absl::string_view message = absl::StripPrefix(whole, prefix);
  return details.retry_after.has_value()
             ? MakeRetryableError(details.reason, message, *details.retry_after)
             : MakeError(details.reason, message, details.field);
}

}  // namespace uid2::client
