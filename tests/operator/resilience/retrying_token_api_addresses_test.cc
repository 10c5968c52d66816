// SPDX-License-Identifier: Apache-2.0

#include "tests/matchers/status_matchers.h"
#include "tests/operator/resilience/retrying_token_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;
using uid2::testing::kOptedOut;
using uid2::testing::RetryingTokenApiTest;
using uid2::testing::Suspended;
using uid2::testing::Throttled;
using uid2::testing::Unavailable;
using uid2::testing::Unreachable;

TEST_F(RetryingTokenApiTest, AFailureAtTheFirstAddressFailsOverAtOnce) {
  UseAddresses(2);
  Generate();
  Answer(Unavailable(), 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, ASuspendedCallGoesToTheNextAddress) {
  UseAddresses(2);
  Generate();
  Answer(Suspended(), 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(0));
}

TEST_F(RetryingTokenApiTest, TooManyRequestsIsRetriedAtTheSameAddress) {
  UseAddresses(2);
  Generate();
  Answer(Throttled(absl::Seconds(1)), 0);
  timers_.Advance(absl::Milliseconds(1025));
  Answer(kOptedOut, 0);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, ACertificateFaultEjectsItsAddressAndFailsOver) {
  UseAddresses(2);
  const AttemptFailure fault = {.kind = FailureKind::kCertificate,
                                .reason = identity::v1::OPERATOR_UNREACHABLE,
                                .message = "expired certificate"};
  Generate();
  Answer(fault, 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_TRUE(ejections_[0].ejected());
  Generate();
  EXPECT_TRUE(operators_[0]->idle());
  Answer(kOptedOut, 1);
}

// A first address that has just failed may be silent, so half of the five seconds are kept for the
// second.
TEST_F(RetryingTokenApiTest, AnAttemptAtASuspectAddressLeavesTimeForAnother) {
  UseAddresses(2);
  Generate();
  EXPECT_THAT(context_->step_limit(), Eq(context_->deadline()));
  Answer(Unreachable(), 0);
  Answer(kOptedOut, 1);
  Generate();
  EXPECT_THAT(context_->step_limit(), Eq(clock_.Steady() + std::chrono::milliseconds(2500)));
  Answer(Unreachable(), 0);
  EXPECT_THAT(context_->step_limit(), Eq(context_->deadline()));
  Answer(kOptedOut, 1);
}

TEST_F(RetryingTokenApiTest, AnAttemptAtTheLastHealthyAddressHasAllOfTheTime) {
  UseAddresses(2);
  const auto report = [&](size_t index, AttemptOutcome outcome) {
    ejections_[index].Report(ejections_[index].Acquire(clock_.Steady()), {outcome}, clock_.Steady(),
                             0);
  };
  report(0, AttemptOutcome::kFailed);
  report(1, AttemptOutcome::kCertificateFault);
  Generate();
  EXPECT_THAT(context_->step_limit(), Eq(context_->deadline()));
  Answer(kOptedOut, 0);
}

TEST_F(RetryingTokenApiTest, CallsReturnToTheFirstAddressOnceItIsHealthy) {
  UseAddresses(2);
  for (int i = 0; i < 3; ++i) {
    Generate();
    Answer(Unreachable(), 0);
    Answer(kOptedOut, 1);
  }
  ASSERT_TRUE(ejections_[0].ejected());
  timers_.Advance(absl::Seconds(1));
  Generate();
  Answer(kOptedOut, 0);
  EXPECT_FALSE(ejections_[0].ejected());
}

}  // namespace
}  // namespace uid2
