// SPDX-License-Identifier: Apache-2.0

#include "tests/matchers/status_matchers.h"
#include "tests/operator/resilience/retrying_token_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::CredentialsRejected;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::kOptedOut;
using uid2::testing::RetryingTokenApiTest;
using uid2::testing::TestCredentials;
using uid2::testing::Unreachable;

// What becomes of the calls that are in flight while credentials are replaced.
class RetryingTokenApiCredentialsTest : public RetryingTokenApiTest {
 protected:
  const OperatorCredentialsPtr old_pair_ = credentials_.Current();
  const OperatorCredentialsPtr new_pair_ = TestCredentials("new-key");
};

TEST_F(RetryingTokenApiCredentialsTest, ACallKeepsItsCredentialsAndLaterCallsGetTheNewOnes) {
  UseAddresses(1);
  Generate();
  EXPECT_THAT(operators_[0]->credentials(), Eq(old_pair_));
  credentials_.Replace(new_pair_);
  Answer(Unreachable());
  timers_.Advance(absl::Seconds(1));
  ASSERT_FALSE(operators_[0]->idle());
  EXPECT_THAT(operators_[0]->credentials(), Eq(old_pair_));
  Answer(kOptedOut);
  Generate();
  EXPECT_THAT(operators_[0]->credentials(), Eq(new_pair_));
  Answer(kOptedOut);
}

TEST_F(RetryingTokenApiCredentialsTest, RejectedOnesAreReplacedByNewerOnesAtOnce) {
  UseAddresses(1);
  Generate();
  credentials_.Replace(new_pair_);
  Answer(CredentialsRejected());
  ASSERT_THAT(operators_[0]->pending(), Eq(1U));
  EXPECT_THAT(operators_[0]->credentials(), Eq(new_pair_));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
  Answer(kOptedOut);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(1));
}

TEST_F(RetryingTokenApiCredentialsTest, RejectedOnesAreFinalWithoutNewerOnes) {
  UseAddresses(1);
  Generate();
  Answer(CredentialsRejected());
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(*told_, HasReason(identity::v1::OPERATOR_REJECTED_API_KEY));
  EXPECT_THAT(Message(), Eq("unknown key (1 attempt; no newer credentials have been loaded)"));
}

TEST_F(RetryingTokenApiCredentialsTest, NewerOnesAreTriedOnlyOnce) {
  UseAddresses(1);
  Generate();
  credentials_.Replace(new_pair_);
  Answer(CredentialsRejected());
  credentials_.Replace(TestCredentials("newest-key"));
  Answer(CredentialsRejected());
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(Message(), Eq("unknown key (2 attempts; newer credentials were rejected too)"));
}

TEST_F(RetryingTokenApiCredentialsTest, TheAttemptCountsButSpendsNoBudget) {
  budget_ = std::make_unique<RetryBudget>(RetryBudgetOptions{1, 0.1});
  ASSERT_TRUE(budget_->Spend());
  UseAddresses(1);
  Generate();
  credentials_.Replace(new_pair_);
  Answer(CredentialsRejected());
  Answer(Unreachable());
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(Message(), HasSubstr("2 attempts; too many calls are being retried already"));
}

TEST_F(RetryingTokenApiCredentialsTest, TheLastAttemptThatIsAllowedIsNotExceeded) {
  budget_ = std::make_unique<RetryBudget>(RetryBudgetOptions{100, 0.1});
  UseAddresses(1);
  Generate();
  credentials_.Replace(new_pair_);
  for (int i = 0; i < 2; ++i) {
    Answer(Unreachable());
    timers_.Advance(absl::Seconds(1));
  }
  Answer(CredentialsRejected());
  ASSERT_TRUE(told_.has_value());
  EXPECT_THAT(Message(), HasSubstr("3 attempts; no more are allowed"));
}

TEST_F(RetryingTokenApiCredentialsTest, TheAddressIsNotBlamed) {
  UseAddresses(2);
  for (int i = 0; i < 10; ++i) {
    Generate();
    Answer(CredentialsRejected(), 0);
  }
  EXPECT_FALSE(ejections_[0].ejected());
  Generate();
  credentials_.Replace(new_pair_);
  Answer(CredentialsRejected(), 0);
  EXPECT_TRUE(operators_[1]->idle()) << "another address would give the same answer";
  Answer(kOptedOut, 0);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiCredentialsTest, ReplacedOnesLiveOnlyAsLongAsCallsThatUseThem) {
  UseAddresses(1);
  std::weak_ptr<const OperatorCredentials> replaced;
  {
    const OperatorCredentialsPtr pair = TestCredentials("short-lived");
    replaced = pair;
    credentials_.Replace(pair);
  }
  Generate();
  credentials_.Replace(new_pair_);
  EXPECT_FALSE(replaced.expired());
  Answer(CredentialsRejected());
  Answer(kOptedOut);
  EXPECT_TRUE(replaced.expired());
}

}  // namespace
}  // namespace uid2
