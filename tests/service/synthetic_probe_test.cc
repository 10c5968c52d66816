// SPDX-License-Identifier: Apache-2.0

#include "server/service/synthetic_probe.h"

#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/test_identities.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"
#include "tests/service/synthetic_probe_fixture.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::SyntheticProbeTest;
using uid2::testing::TestCredentials;

TEST_F(SyntheticProbeTest, AnIdentityForTheTestUserIsGeneratedAndRefreshed) {
  StartAndAwaitFirst();
  const TokenGenerateRequest generate = Issue();
  EXPECT_THAT(generate.kind, Eq(TokenGenerateRequest::Kind::kEmailHash));
  EXPECT_THAT(generate.hash, Eq(kIssuedTestHash));
  EXPECT_THAT(generate.tcf_consent_string, IsEmpty());
  const TokenRefreshRequest refresh = Renew();
  EXPECT_THAT(refresh.refresh_token, Eq("the-refresh-token"));
  EXPECT_THAT(refresh.refresh_response_key, Eq("the-response-key"));
  EXPECT_TRUE(attempts_.idle());
}

TEST_F(SyntheticProbeTest, ASuccessIsInTheMetrics) {
  StartAndAwaitFirst();
  clock_.Advance(absl::Seconds(1));
  Issue();
  EXPECT_THAT(Probes("success"), Eq(0));
  clock_.Advance(absl::Seconds(2));
  Renew();
  EXPECT_THAT(Probes("success"), Eq(1));
  EXPECT_THAT(Probes("failure"), Eq(0));
  EXPECT_THAT(Gauge("success"), Eq(1));
  EXPECT_THAT(Gauge("seconds"), Eq(3));
  EXPECT_THAT(Gauge("last_success_timestamp_seconds"), Eq(1'700'000'003));
}

TEST_F(SyntheticProbeTest, AFailureIsInTheMetricsAndLeavesTheTimeOfTheLastSuccess) {
  StartAndAwaitFirst();
  Succeed();
  AwaitNext();
  clock_.Advance(absl::Seconds(2));
  Fail(identity::v1::OPERATOR_TIMEOUT);
  EXPECT_THAT(Probes("success"), Eq(1));
  EXPECT_THAT(Probes("failure"), Eq(1));
  EXPECT_THAT(Gauge("success"), Eq(0));
  EXPECT_THAT(Gauge("seconds"), Eq(2));
  EXPECT_THAT(Gauge("last_success_timestamp_seconds"), Eq(1'700'000'000));
}

TEST_F(SyntheticProbeTest, OnlyTheFirstOfSeveralFailuresWithOneReasonIsReported) {
  StartAndAwaitFirst();
  Fail(identity::v1::OPERATOR_REJECTED_API_KEY);
  EXPECT_THAT(changes_, ElementsAre(AllOf(HasReason(identity::v1::OPERATOR_REJECTED_API_KEY),
                                          StatusIs(absl::StatusCode::kFailedPrecondition,
                                                   HasSubstr("generate: why")))));
  AwaitNext();
  Fail(identity::v1::OPERATOR_REJECTED_API_KEY);
  EXPECT_THAT(Probes("failure"), Eq(2));
  EXPECT_THAT(changes_.size(), Eq(1));
}

TEST_F(SyntheticProbeTest, AFailureWithAnotherReasonIsReported) {
  StartAndAwaitFirst();
  Fail(identity::v1::OPERATOR_UNREACHABLE);
  AwaitNext();
  Fail(identity::v1::OPERATOR_REJECTED_API_KEY);
  EXPECT_THAT(changes_, ElementsAre(HasReason(identity::v1::OPERATOR_UNREACHABLE),
                                    HasReason(identity::v1::OPERATOR_REJECTED_API_KEY)));
}

TEST_F(SyntheticProbeTest, TheFirstSuccessAfterAFailureIsReported) {
  StartAndAwaitFirst();
  Succeed();
  EXPECT_THAT(changes_, IsEmpty());
  AwaitNext();
  Issue();
  attempts_.AnswerRefresh(
      AttemptFailure{.reason = identity::v1::OPERATOR_ERROR, .message = "it is down"});
  EXPECT_THAT(changes_, ElementsAre(StatusIs(absl::StatusCode::kUnavailable,
                                             HasSubstr("refresh: it is down"))));
  AwaitNext();
  Succeed();
  AwaitNext();
  Succeed();
  ASSERT_THAT(changes_.size(), Eq(2));
  EXPECT_THAT(changes_[1], IsOk());
}

TEST_F(SyntheticProbeTest, ATestUserWithoutAnIdentityIsAFailure) {
  StartAndAwaitFirst();
  attempts_.AnswerGenerate(
      TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_TRUE(attempts_.idle());
  EXPECT_THAT(changes_, ElementsAre(StatusIs(absl::StatusCode::kFailedPrecondition,
                                             HasSubstr("generate: the operator answered"))));
  EXPECT_THAT(Probes("failure"), Eq(1));
}

TEST_F(SyntheticProbeTest, AnIdentityThatIsNotRefreshedIsAFailure) {
  using Outcome = TokenRefreshReply::Outcome;
  StartAndAwaitFirst();
  for (const Outcome outcome :
       {Outcome::kOptedOut, Outcome::kTokenRefused, Outcome::kReplyNotOpened}) {
    const int64_t before = Probes("failure");
    Issue();
    attempts_.AnswerRefresh(TokenRefreshReply{outcome, absl::nullopt});
    EXPECT_THAT(Probes("failure"), Eq(before + 1));
    AwaitNext();
  }
  EXPECT_THAT(changes_.front(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("refresh")));
  EXPECT_THAT(changes_.back(), HasReason(identity::v1::OPERATOR_REPLY_INVALID));
}

TEST_F(SyntheticProbeTest, ARejectedTimestampIsCorrectedOnce) {
  const AttemptFailure rejected = {.kind = FailureKind::kTimestampRejected,
                                   .reason = identity::v1::CLOCK_SKEW,
                                   .message = "the clocks differ"};
  StartAndAwaitFirst();
  attempts_.AnswerGenerate(rejected);
  Succeed();
  EXPECT_THAT(Probes("success"), Eq(1));
  AwaitNext();
  attempts_.AnswerGenerate(rejected);
  attempts_.AnswerGenerate(rejected);
  EXPECT_TRUE(attempts_.idle());
  EXPECT_THAT(changes_, ElementsAre(HasReason(identity::v1::CLOCK_SKEW)));
}

TEST_F(SyntheticProbeTest, EachProbeUsesTheCurrentCredentialsAndDoesNotKeepThem) {
  StartAndAwaitFirst();
  const OperatorCredentialsPtr next = TestCredentials("the-next-key");
  credentials_.Replace(next);
  EXPECT_FALSE(attempts_.credentials() == next);
  Succeed();
  AwaitNext();
  EXPECT_TRUE(attempts_.credentials() == next);
  Issue();
  EXPECT_TRUE(attempts_.credentials() == next);
  Renew();
  // Here, in the provider and in the fake.
  EXPECT_THAT(next.use_count(), Eq(3));
}

TEST_F(SyntheticProbeTest, BothRequestsShareTheTimeLimit) {
  StartAndAwaitFirst();
  const CallContext::TimePoint limit =
      clock_.Steady() + absl::ToChronoNanoseconds(options_.timeout);
  EXPECT_TRUE(attempts_.context().deadline() == limit);
  EXPECT_FALSE(attempts_.context().deadline_is_callers());
  clock_.Advance(absl::Seconds(1));
  Issue();
  EXPECT_TRUE(attempts_.context().deadline() == limit);
}

}  // namespace
}  // namespace uid2
