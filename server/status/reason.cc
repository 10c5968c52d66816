// SPDX-License-Identifier: Apache-2.0

#include "server/status/reason.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// Payload keys. absl::Status uses type URLs, so that keys from different sources cannot collide.
constexpr char kReasonUrl[] = "uid2.identity/reason";
constexpr char kFieldUrl[] = "uid2.identity/field";
constexpr char kRetryAfterUrl[] = "uid2.identity/retry_after_ms";

absl::optional<int64_t> IntegerPayload(const absl::Status& status, absl::string_view url) {
  const absl::optional<absl::Cord> payload = status.GetPayload(url);
  int64_t value;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &value)) {
    return absl::nullopt;
  }
  return value;
}

}  // namespace

absl::StatusCode CodeOf(Reason reason) {
  switch (reason) {
    case identity::v1::REQUEST_MALFORMED:
    case identity::v1::DII_MISSING:
    case identity::v1::DII_AMBIGUOUS:
    case identity::v1::EMAIL_INVALID:
    case identity::v1::PHONE_NOT_E164:
    case identity::v1::EMAIL_HASH_INVALID:
    case identity::v1::PHONE_HASH_INVALID:
    case identity::v1::IDENTITY_MISSING:
    case identity::v1::IDENTITY_MALFORMED:
    case identity::v1::PARTICIPANT_MISSING:
    case identity::v1::PARTICIPANT_UNKNOWN:
    case identity::v1::CONSENT_STRING_INVALID:
      return absl::StatusCode::kInvalidArgument;
    case identity::v1::CALLER_NOT_ALLOWED:
      return absl::StatusCode::kPermissionDenied;
    case identity::v1::CALLER_LIMIT:
      return absl::StatusCode::kResourceExhausted;
    case identity::v1::OPERATOR_REJECTED_API_KEY:
    case identity::v1::OPERATOR_REJECTED_SECRET:
    case identity::v1::CLOCK_SKEW:
      return absl::StatusCode::kFailedPrecondition;
    case identity::v1::OPERATOR_UNREACHABLE:
    case identity::v1::OPERATOR_TIMEOUT:
    case identity::v1::OPERATOR_ERROR:
    case identity::v1::OPERATOR_THROTTLED:
    case identity::v1::OPERATOR_CALLS_SUSPENDED:
    case identity::v1::OVERLOADED:
    case identity::v1::DRAINING:
      return absl::StatusCode::kUnavailable;
    case identity::v1::DEADLINE_TOO_SHORT:
      return absl::StatusCode::kDeadlineExceeded;
    case identity::v1::OPERATOR_REPLY_INVALID:
    case identity::v1::OPERATOR_PROTOCOL:
      return absl::StatusCode::kInternal;
    case identity::v1::METHOD_UNKNOWN:
      return absl::StatusCode::kUnimplemented;
    // Protobuf adds the two sentinels. There is no default, so that the compiler rejects a switch
    // that lacks a new reason.
    case identity::v1::ERROR_REASON_UNSPECIFIED:
    case identity::v1::ErrorReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case identity::v1::ErrorReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return absl::StatusCode::kInternal;
}

bool IsOperatorSide(Reason reason) {
  switch (reason) {
    case identity::v1::OPERATOR_REJECTED_API_KEY:
    case identity::v1::OPERATOR_REJECTED_SECRET:
    case identity::v1::CLOCK_SKEW:
    case identity::v1::OPERATOR_UNREACHABLE:
    case identity::v1::OPERATOR_TIMEOUT:
    case identity::v1::OPERATOR_ERROR:
    case identity::v1::OPERATOR_THROTTLED:
    case identity::v1::OPERATOR_CALLS_SUSPENDED:
    case identity::v1::DEADLINE_TOO_SHORT:
    case identity::v1::OPERATOR_REPLY_INVALID:
    case identity::v1::OPERATOR_PROTOCOL:
      return true;
    case identity::v1::REQUEST_MALFORMED:
    case identity::v1::DII_MISSING:
    case identity::v1::DII_AMBIGUOUS:
    case identity::v1::EMAIL_INVALID:
    case identity::v1::PHONE_NOT_E164:
    case identity::v1::EMAIL_HASH_INVALID:
    case identity::v1::PHONE_HASH_INVALID:
    case identity::v1::IDENTITY_MISSING:
    case identity::v1::IDENTITY_MALFORMED:
    case identity::v1::PARTICIPANT_MISSING:
    case identity::v1::PARTICIPANT_UNKNOWN:
    case identity::v1::CONSENT_STRING_INVALID:
    case identity::v1::CALLER_NOT_ALLOWED:
    case identity::v1::CALLER_LIMIT:
    case identity::v1::OVERLOADED:
    case identity::v1::DRAINING:
    case identity::v1::METHOD_UNKNOWN:
    case identity::v1::ERROR_REASON_UNSPECIFIED:
    case identity::v1::ErrorReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case identity::v1::ErrorReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return false;
}

absl::Status MakeError(Reason reason, absl::string_view message, absl::string_view field) {
  absl::Status status(CodeOf(reason), message);
  status.SetPayload(kReasonUrl, absl::Cord(absl::StrCat(static_cast<int>(reason))));
  if (!field.empty()) status.SetPayload(kFieldUrl, absl::Cord(field));
  return status;
}

absl::Status MakeRetryableError(Reason reason, absl::string_view message,
                                absl::Duration retry_after) {
  absl::Status status = MakeError(reason, message);
  status.SetPayload(kRetryAfterUrl,
                    absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(retry_after))));
  return status;
}

Reason ReasonOf(const absl::Status& status) {
  const absl::optional<int64_t> value = IntegerPayload(status, kReasonUrl);
  if (!value.has_value() || !identity::v1::ErrorReason_IsValid(static_cast<int>(*value))) {
    return identity::v1::ERROR_REASON_UNSPECIFIED;
  }
  return static_cast<Reason>(*value);
}

std::string FieldOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kFieldUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const absl::optional<int64_t> value = IntegerPayload(status, kRetryAfterUrl);
  if (!value.has_value()) return absl::nullopt;
  return absl::Milliseconds(*value);
}

}  // namespace uid2
