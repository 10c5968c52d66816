// SPDX-License-Identifier: Apache-2.0

#include "client/cli/error_report.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

// For gRPC's own failures, which have no reason: at best their message names the cause. And for a
// method that the server does not have, which means the same with a reason.
std::string AdviceWithoutReason(const absl::Status& status, absl::string_view address) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (absl::StrContains(status.message(), "Connection refused")) {
        return absl::StrCat("nothing listens on ", address,
                            ": is identity_server running, and is --address correct?");
      }
      return absl::StrCat("is --address=", address,
                          " correct, and does the server require TLS (--tls or --ca) or a client "
                          "certificate (--cert and --key)?");
    case absl::StatusCode::kDeadlineExceeded:
      return "allow more time with --timeout; if that does not help, run `identityctl doctor` on "
             "the "
             "server's machine";
    case absl::StatusCode::kUnimplemented:
      return absl::StrCat("the server on ", address,
                          " is not the identity service, or is an older version of it");
    default:
      return "";
  }
}

}  // namespace

std::string Advice(const absl::Status& status, absl::string_view address) {
  const Reason reason = ReasonOf(status);
  if (reason == identity::v1::ERROR_REASON_UNSPECIFIED || reason == identity::v1::METHOD_UNKNOWN) {
    return AdviceWithoutReason(status, address);
  }
  if (reason == identity::v1::PARTICIPANT_MISSING) return "set --participant";
  if (reason == identity::v1::CALLER_NOT_ALLOWED) {
    return "use a certificate that the server's configuration lists (--cert, --key), and a "
           "participant that it may use (--participant)";
  }
  const absl::optional<absl::Duration> wait = RetryAfterOf(status);
  if (wait.has_value()) return absl::StrCat("try again in ", absl::FormatDuration(*wait));
  if (IsOperatorSide(reason)) {
    return "run `identityctl doctor --config=FILE` on the server's machine to find the cause";
  }
  return "";
}

std::string ErrorText(const absl::Status& status, absl::string_view advice) {
  const Reason reason = ReasonOf(status);
  std::string text = reason == identity::v1::ERROR_REASON_UNSPECIFIED
                         ? absl::StatusCodeToString(status.code())
                         : identity::v1::ErrorReason_Name(reason);
  const std::string field = FieldOf(status);
  absl::StrAppend(&text, ": ", field.empty() ? "" : absl::StrCat(field, ": "), status.message(),
                  "\n");
  if (!advice.empty()) absl::StrAppend(&text, "  ", advice, "\n");
  return text;
}

std::string ErrorJson(const absl::Status& status) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("error");
  json.StartObject();
  json.Key("code");
  json.String(absl::StatusCodeToString(status.code()).c_str());
  const Reason reason = ReasonOf(status);
  if (reason != identity::v1::ERROR_REASON_UNSPECIFIED) {
    json.Key("reason");
    json.String(identity::v1::ErrorReason_Name(reason).c_str());
  }
  const std::string field = FieldOf(status);
  if (!field.empty()) {
    json.Key("field");
    json.String(field.c_str());
  }
  json.Key("message");
  json.String(std::string(status.message()).c_str());
  const absl::optional<absl::Duration> wait = RetryAfterOf(status);
  if (wait.has_value()) {
    json.Key("retry_after_ms");
    json.Int64(absl::ToInt64Milliseconds(*wait));
  }
  json.EndObject();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace uid2::cli
