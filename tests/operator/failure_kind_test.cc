#include "server/operator/failure_kind.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using uid2::testing::HasReason;

constexpr FailureKind kKinds[] = {
    FailureKind::kOther,        FailureKind::kUnreachable,     FailureKind::kCertificate,
    FailureKind::kTimeout,      FailureKind::kTooManyRequests, FailureKind::kUnavailable,
    FailureKind::kGateway,      FailureKind::kServerError,     FailureKind::kOtherServerError,
    FailureKind::kStampRefused, FailureKind::kSuspended,
};

TEST(FailureKindTest, WhatWasAttachedIsRead) {
  for (const FailureKind kind : kKinds) {
    EXPECT_THAT(FailureKindOf(WithFailureKind(absl::InternalError("it failed"), kind)), Eq(kind));
  }
}

TEST(FailureKindTest, TheLastAttachedCounts) {
  const absl::Status status =
      WithFailureKind(WithFailureKind(absl::InternalError("it failed"), FailureKind::kGateway),
                      FailureKind::kTimeout);
  EXPECT_THAT(FailureKindOf(status), Eq(FailureKind::kTimeout));
}

TEST(FailureKindTest, AStatusWithoutOneIsOther) {
  EXPECT_THAT(FailureKindOf(absl::OkStatus()), Eq(FailureKind::kOther));
  EXPECT_THAT(FailureKindOf(absl::UnavailableError("")), Eq(FailureKind::kOther));
  EXPECT_THAT(FailureKindOf(MakeError(identity::v1::OPERATOR_ERROR, "it failed")),
              Eq(FailureKind::kOther));
}

TEST(FailureKindTest, AReasonAndItsWaitStay) {
  const absl::Status status = WithFailureKind(
      MakeRetryableError(identity::v1::OPERATOR_THROTTLED, "slow down", absl::Seconds(7)),
      FailureKind::kTooManyRequests);
  EXPECT_THAT(status, HasReason(identity::v1::OPERATOR_THROTTLED));
  EXPECT_THAT(RetryAfterOf(status), Optional(absl::Seconds(7)));
}

}  // namespace
}  // namespace uid2
