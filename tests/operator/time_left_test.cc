// SPDX-License-Identifier: Apache-2.0

#include "server/operator/time_left.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

using TimePoint = CallContext::TimePoint;

const TimePoint kDeadline = TimePoint() + std::chrono::hours(1);
constexpr absl::Duration kLeast = absl::Milliseconds(100);
const TimePoint kLatestBegin = kDeadline - absl::ToChronoNanoseconds(kLeast);
constexpr std::chrono::nanoseconds kTick(1);

TEST(CheckTimeLeftTest, ACallMayBeginUntilOnlyTheMinimumTimeIsLeft) {
  const CallContext context(kDeadline);
  EXPECT_THAT(CheckTimeLeft(context, TimePoint(), kLeast), IsOk());
  EXPECT_THAT(CheckTimeLeft(context, kLatestBegin, kLeast), IsOk());
  for (const TimePoint now : {kLatestBegin + kTick, kDeadline, kDeadline + kTick}) {
    EXPECT_THAT(CheckTimeLeft(context, now, kLeast), HasReason(identity::v1::DEADLINE_TOO_SHORT));
  }
}

TEST(CheckTimeLeftTest, ACancelledCallDoesNotBegin) {
  CallContext context(kDeadline);
  context.Cancel();
  EXPECT_THAT(CheckTimeLeft(context, TimePoint(), kLeast), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(CheckTimeLeft(context, kDeadline, kLeast), StatusIs(absl::StatusCode::kCancelled));
}

TEST(CheckTimeLeftTest, ASharedCallMayBeginOnceAnotherCallerExtendsItsDeadline) {
  CallContext context(kDeadline, CallContext::Shared());
  EXPECT_THAT(CheckTimeLeft(context, kDeadline, kLeast),
              HasReason(identity::v1::DEADLINE_TOO_SHORT));
  context.Extend(kDeadline + std::chrono::seconds(1));
  EXPECT_THAT(CheckTimeLeft(context, kDeadline, kLeast), IsOk());
}

TEST(TimeoutFailureTest, HasAReasonUnlessTheCallersOwnDeadlineHasPassed) {
  const AttemptFailure ours = TimeoutFailure(/*callers_deadline_passed=*/false);
  EXPECT_THAT(ours.kind, Eq(FailureKind::kTimeout));
  EXPECT_THAT(ours.ToStatus(), HasReason(identity::v1::OPERATOR_TIMEOUT));

  const AttemptFailure callers = TimeoutFailure(/*callers_deadline_passed=*/true);
  EXPECT_THAT(callers.kind, Eq(FailureKind::kTimeout));
  EXPECT_THAT(callers.ToStatus(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(ReasonOf(callers.ToStatus()), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
}

}  // namespace
}  // namespace uid2
