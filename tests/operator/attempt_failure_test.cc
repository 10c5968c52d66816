// SPDX-License-Identifier: Apache-2.0

#include "server/operator/attempt_failure.h"

#include <string>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsNull;
using ::testing::NotNull;
using ::testing::Optional;
using uid2::testing::HasReason;
using uid2::testing::StatusIs;

TEST(AttemptFailureTest, AReasonBecomesAnErrorWithItsField) {
  const AttemptFailure failure = {.reason = identity::v1::CONSENT_STRING_INVALID,
                                  .message = "send another",
                                  .field = "tcf_consent_string"};
  const absl::Status status = failure.ToStatus();
  EXPECT_THAT(status, HasReason(identity::v1::CONSENT_STRING_INVALID));
  EXPECT_THAT(std::string(status.message()), Eq("send another"));
  EXPECT_THAT(FieldOf(status), Eq("tcf_consent_string"));
  EXPECT_THAT(RetryAfterOf(status), Eq(absl::nullopt));
}

TEST(AttemptFailureTest, TheRequestedRetryDelayIsKept) {
  const AttemptFailure failure = {.kind = FailureKind::kTooManyRequests,
                                  .reason = identity::v1::OPERATOR_THROTTLED,
                                  .message = "slow down",
                                  .retry_after = absl::Seconds(7)};
  EXPECT_THAT(failure.ToStatus(), HasReason(identity::v1::OPERATOR_THROTTLED));
  EXPECT_THAT(RetryAfterOf(failure.ToStatus()), Optional(absl::Seconds(7)));
}

TEST(AttemptFailureTest, WithoutAReasonTheKindDecidesTheCode) {
  const struct {
    FailureKind kind;
    absl::StatusCode code;
  } rows[] = {
      {FailureKind::kCancelled, absl::StatusCode::kCancelled},
      {FailureKind::kTimeout, absl::StatusCode::kDeadlineExceeded},
      {FailureKind::kNotSent, absl::StatusCode::kInternal},
  };
  for (const auto& row : rows) {
    const AttemptFailure failure = {.kind = row.kind, .message = "why"};
    EXPECT_THAT(failure.ToStatus(), StatusIs(row.code, Eq("why")));
    EXPECT_THAT(ReasonOf(failure.ToStatus()), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
  }
}

TEST(AttemptFailureTest, AResultIsAReplyOrAFailure) {
  EXPECT_THAT(FailureOf(AttemptResult<int>(5)), IsNull());
  const AttemptResult<int> failed = AttemptFailure{.kind = FailureKind::kGateway};
  ASSERT_THAT(FailureOf(failed), NotNull());
  EXPECT_THAT(FailureOf(failed)->kind, Eq(FailureKind::kGateway));
}

}  // namespace
}  // namespace uid2
