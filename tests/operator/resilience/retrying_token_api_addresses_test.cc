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

TEST_F(RetryingTokenApiTest, AFailureOfTheFirstAddressGoesToTheNextAtOnce) {
  UseAddresses(2);
  Generate();
  Answer(Unavailable(), 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, AnAddressThatHoldsTheCallBackSendsItToTheNext) {
  UseAddresses(2);
  Generate();
  Answer(Suspended(), 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_THAT(counts_.retries, Eq(0));
}

TEST_F(RetryingTokenApiTest, TooManyRequestsStaysWhereItIs) {
  UseAddresses(2);
  Generate();
  Answer(Throttled(absl::Seconds(1)), 0);
  timers_.Advance(absl::Milliseconds(1025));
  Answer(kOptedOut, 0);
  EXPECT_THAT(*told_, IsOk());
}

TEST_F(RetryingTokenApiTest, ACertificateFaultRestsItsAddressAndGoesOnToTheNext) {
  UseAddresses(2);
  const absl::Status fault =
      WithFailureKind(MakeError(identity::v1::OPERATOR_UNREACHABLE, "expired certificate"),
                      FailureKind::kCertificate);
  Generate();
  Answer(fault, 0);
  Answer(kOptedOut, 1);
  EXPECT_THAT(*told_, IsOk());
  EXPECT_TRUE(rests_[0].rests());
  Generate();
  EXPECT_TRUE(operators_[0]->idle());
  Answer(kOptedOut, 1);
}

TEST_F(RetryingTokenApiTest, CallsComeBackToTheFirstAddressOnceItIsWell) {
  UseAddresses(2);
  for (int i = 0; i < 3; ++i) {
    Generate();
    Answer(Unreachable(), 0);
    Answer(kOptedOut, 1);
  }
  ASSERT_TRUE(rests_[0].rests());
  timers_.Advance(absl::Seconds(1));
  Generate();
  Answer(kOptedOut, 0);
  EXPECT_FALSE(rests_[0].rests());
}

}  // namespace
}  // namespace uid2
