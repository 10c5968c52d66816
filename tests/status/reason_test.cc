// SPDX-License-Identifier: Apache-2.0

#include "server/status/reason.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using uid2::testing::StatusIs;

TEST(ReasonTest, AReasonIsReadBackFromItsStatus) {
  const absl::Status status = MakeError(identity::v1::EMAIL_INVALID, "what is wrong", "email");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "what is wrong"));
  EXPECT_THAT(ReasonOf(status), Eq(identity::v1::EMAIL_INVALID));
  EXPECT_THAT(FieldOf(status), Eq("email"));
  EXPECT_THAT(RetryAfterOf(status), Eq(absl::nullopt));
}

TEST(ReasonTest, ARetryDelayIsReadBackFromItsStatus) {
  const absl::Status status =
      MakeRetryableError(identity::v1::OPERATOR_THROTTLED, "slow down", absl::Milliseconds(1500));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(RetryAfterOf(status), Optional(absl::Milliseconds(1500)));
  EXPECT_THAT(FieldOf(status), Eq(""));
}

TEST(ReasonTest, IsUnspecifiedForAStatusWithoutOne) {
  EXPECT_THAT(ReasonOf(absl::OkStatus()), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
  EXPECT_THAT(ReasonOf(absl::InternalError("x")), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
  absl::Status garbled = absl::InternalError("x");
  garbled.SetPayload("uid2.identity/reason", absl::Cord("99999"));
  EXPECT_THAT(ReasonOf(garbled), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
}

TEST(ReasonTest, EveryReasonInTheProtoHasItsCode) {
  // error_reason.proto groups the numbers by code.
  const auto* values = identity::v1::ErrorReason_descriptor();
  for (int i = 0; i < values->value_count(); ++i) {
    const int number = values->value(i)->number();
    absl::StatusCode expected = absl::StatusCode::kInternal;
    if (number >= 1) expected = absl::StatusCode::kInvalidArgument;
    if (number >= 20) expected = absl::StatusCode::kPermissionDenied;
    if (number >= 30) expected = absl::StatusCode::kResourceExhausted;
    if (number >= 40) expected = absl::StatusCode::kFailedPrecondition;
    if (number >= 50) expected = absl::StatusCode::kUnavailable;
    if (number >= 60) expected = absl::StatusCode::kDeadlineExceeded;
    if (number >= 70) expected = absl::StatusCode::kInternal;
    if (number >= 80) expected = absl::StatusCode::kUnimplemented;
    EXPECT_THAT(CodeOf(static_cast<Reason>(number)), Eq(expected)) << values->value(i)->name();
  }
}

TEST(ReasonTest, OnlyFaultsThatAreNeitherTheCallersNorThisReplicasAreOperatorSide) {
  const std::map<Reason, bool> expected = {
      {identity::v1::ERROR_REASON_UNSPECIFIED, false},
      {identity::v1::REQUEST_MALFORMED, false},
      {identity::v1::DII_MISSING, false},
      {identity::v1::DII_AMBIGUOUS, false},
      {identity::v1::EMAIL_INVALID, false},
      {identity::v1::PHONE_NOT_E164, false},
      {identity::v1::EMAIL_HASH_INVALID, false},
      {identity::v1::PHONE_HASH_INVALID, false},
      {identity::v1::IDENTITY_MISSING, false},
      {identity::v1::IDENTITY_MALFORMED, false},
      {identity::v1::PARTICIPANT_MISSING, false},
      {identity::v1::PARTICIPANT_UNKNOWN, false},
      {identity::v1::CONSENT_STRING_INVALID, false},
      {identity::v1::CALLER_NOT_ALLOWED, false},
      {identity::v1::CALLER_LIMIT, false},
      {identity::v1::OPERATOR_REJECTED_API_KEY, true},
      {identity::v1::OPERATOR_REJECTED_SECRET, true},
      {identity::v1::CLOCK_SKEW, true},
      {identity::v1::OPERATOR_UNREACHABLE, true},
      {identity::v1::OPERATOR_TIMEOUT, true},
      {identity::v1::OPERATOR_ERROR, true},
      {identity::v1::OPERATOR_THROTTLED, true},
      {identity::v1::OPERATOR_CALLS_SUSPENDED, true},
      {identity::v1::OVERLOADED, false},
      {identity::v1::DRAINING, false},
      {identity::v1::DEADLINE_TOO_SHORT, true},
      {identity::v1::OPERATOR_REPLY_INVALID, true},
      {identity::v1::OPERATOR_PROTOCOL, true},
      {identity::v1::METHOD_UNKNOWN, false},
  };
  const auto* values = identity::v1::ErrorReason_descriptor();
  for (int i = 0; i < values->value_count(); ++i) {
    const auto reason = static_cast<Reason>(values->value(i)->number());
    ASSERT_TRUE(expected.count(reason) > 0) << values->value(i)->name() << " is not in this table";
    EXPECT_THAT(IsOperatorSide(reason), Eq(expected.at(reason))) << values->value(i)->name();
  }
}

}  // namespace
}  // namespace uid2
