// SPDX-License-Identifier: Apache-2.0

#include "tests/load/answer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace uid2::load {
namespace {

using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityResponse;

constexpr char kIncomplete[] = "INCOMPLETE";

const char* CodeName(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return "cancelled";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "deadline_exceeded";
    case grpc::StatusCode::UNAVAILABLE:
      return "unavailable";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "resource_exhausted";
    case grpc::StatusCode::INTERNAL:
      return "internal";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "unimplemented";
    default:
      return "another_code";
  }
}

std::string ErrorName(const grpc::Status& status) {
  google::rpc::Status proto;
  if (proto.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : proto.details()) {
      google::rpc::ErrorInfo info;
      if (detail.UnpackTo(&info) && !info.reason().empty()) return info.reason();
    }
  }
  const char* const code = CodeName(status.error_code());
  if (status.error_code() == grpc::StatusCode::CANCELLED ||
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return code;
  }
  return absl::StrCat(code, ":", absl::StrReplaceAll(status.error_message(), {{" ", "_"}}));
}

bool IsWhole(const identity::v1::Identity& identity) {
  return !identity.advertising_token().empty() && !identity.refresh_token().empty() &&
         !identity.json().empty();
}

}  // namespace

std::string AnswerOf(const grpc::Status& status, const GenerateIdentityResponse& response) {
  if (!status.ok()) return ErrorName(status);
  if (response.outcome() == GenerateIdentityResponse::OUTCOME_UNSPECIFIED) return kIncomplete;
  if (response.outcome() == GenerateIdentityResponse::ISSUED && !IsWhole(response.identity())) {
    return kIncomplete;
  }
  return GenerateIdentityResponse::Outcome_Name(response.outcome());
}

std::string AnswerOf(const grpc::Status& status, const RefreshIdentityResponse& response) {
  if (!status.ok()) return ErrorName(status);
  const std::string name = RefreshIdentityResponse::Outcome_Name(response.outcome());
  switch (response.outcome()) {
    case RefreshIdentityResponse::OPTED_OUT:
    case RefreshIdentityResponse::LOGIN_REQUIRED:
      return name;
    case RefreshIdentityResponse::REFRESHED:
    case RefreshIdentityResponse::NOT_DUE:
      return IsWhole(response.identity()) ? name : kIncomplete;
    case RefreshIdentityResponse::KEPT:
      if (!IsWhole(response.identity())) return kIncomplete;
      return absl::StrCat(name, ":", identity::v1::ErrorReason_Name(response.kept_reason()));
    default:
      return kIncomplete;
  }
}

}  // namespace uid2::load
