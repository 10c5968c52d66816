// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/retry_policy.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::Values;

constexpr absl::Duration kMs = absl::Milliseconds(1);

FailedAttempts Failed(FailureKind kind, int count = 1) {
  FailedAttempts failed;
  failed.count = count;
  failed.last = kind;
  failed.server_errors = kind == FailureKind::kServerError ? 1 : 0;
  failed.rejected_timestamps = kind == FailureKind::kTimestampRejected ? 1 : 0;
  return failed;
}

struct KindCase {
  std::string name;
  FailureKind kind;
  bool retried_here;
  bool retried_elsewhere;
};

class RetryPolicyKindTest : public TestWithParam<KindCase> {};

TEST_P(RetryPolicyKindTest, RetriesWhatCanSucceed) {
  const FailedAttempts failed = Failed(GetParam().kind);
  const RetryDecision here = DecideRetry({}, failed, absl::Seconds(5), false, 0.5);
  const RetryDecision elsewhere = DecideRetry({}, failed, absl::Seconds(5), true, 0.5);
  EXPECT_THAT(here.retry, Eq(GetParam().retried_here));
  EXPECT_THAT(elsewhere.retry, Eq(GetParam().retried_elsewhere));
  EXPECT_THAT(here.why.empty(), Eq(here.retry));
  EXPECT_THAT(elsewhere.why.empty(), Eq(elsewhere.retry));
}

INSTANTIATE_TEST_SUITE_P(
    All, RetryPolicyKindTest,
    Values(KindCase{"Rejected", FailureKind::kRejected, false, false},
           KindCase{"CredentialsRejected", FailureKind::kCredentialsRejected, false, false},
           KindCase{"Unreachable", FailureKind::kUnreachable, true, true},
           KindCase{"Certificate", FailureKind::kCertificate, false, true},
           KindCase{"Timeout", FailureKind::kTimeout, true, true},
           KindCase{"TooManyRequests", FailureKind::kTooManyRequests, true, true},
           KindCase{"Unavailable", FailureKind::kUnavailable, true, true},
           KindCase{"Gateway", FailureKind::kGateway, true, true},
           KindCase{"ServerError", FailureKind::kServerError, true, true},
           KindCase{"ProvokedError", FailureKind::kProvokedError, false, false},
           KindCase{"PossiblyProvokedError", FailureKind::kPossiblyProvokedError, true, true},
           KindCase{"OtherServerError", FailureKind::kOtherServerError, false, false},
           KindCase{"TimestampRejected", FailureKind::kTimestampRejected, true, true},
           KindCase{"Suspended", FailureKind::kSuspended, false, false},
           KindCase{"NotSent", FailureKind::kNotSent, false, false},
           KindCase{"Cancelled", FailureKind::kCancelled, false, false}),
    [](const TestParamInfo<KindCase>& given) { return given.param.name; });

struct WaitCase {
  std::string name;
  FailureKind kind;
  int count;
  absl::optional<absl::Duration> retry_after;
  absl::Duration time_left;
  bool can_fail_over;
  // The wait for random fractions of 0 and of almost 1.
  absl::Duration least;
  absl::Duration most;
};

class RetryPolicyWaitTest : public TestWithParam<WaitCase> {};

TEST_P(RetryPolicyWaitTest, WaitsForARandomTimeInItsRange) {
  const WaitCase& given = GetParam();
  FailedAttempts failed = Failed(given.kind, given.count);
  failed.retry_after = given.retry_after;
  RetryOptions options;
  options.max_attempts = 10;
  const RetryDecision least = DecideRetry(options, failed, given.time_left, given.can_fail_over, 0);
  const RetryDecision most =
      DecideRetry(options, failed, given.time_left, given.can_fail_over, 0.999999);
  ASSERT_TRUE(least.retry);
  ASSERT_TRUE(most.retry);
  EXPECT_THAT(least.wait, Eq(given.least));
  EXPECT_THAT(most.wait, Le(given.most));
  EXPECT_THAT(most.wait, Ge(given.most - kMs));
}

INSTANTIATE_TEST_SUITE_P(All, RetryPolicyWaitTest,
                         Values(WaitCase{"FirstFailure", FailureKind::kGateway, 1, absl::nullopt,
                                         5000 * kMs, false, 0 * kMs, 50 * kMs},
                                WaitCase{"SecondFailureDoubles", FailureKind::kUnreachable, 2,
                                         absl::nullopt, 5000 * kMs, false, 0 * kMs, 100 * kMs},
                                WaitCase{"NinthFailureIsCapped", FailureKind::kGateway, 9,
                                         absl::nullopt, 5000 * kMs, false, 0 * kMs, 1000 * kMs},
                                WaitCase{"UnavailableWithoutHint", FailureKind::kUnavailable, 1,
                                         absl::nullopt, 5000 * kMs, false, 0 * kMs, 1000 * kMs},
                                WaitCase{"TooManyRequestsWithoutHint",
                                         FailureKind::kTooManyRequests, 1, absl::nullopt,
                                         5000 * kMs, false, 0 * kMs, 1000 * kMs},
                                WaitCase{"ShorterThanTheTimeLeft", FailureKind::kTooManyRequests, 1,
                                         absl::nullopt, 300 * kMs, false, 0 * kMs, 200 * kMs},
                                WaitCase{"RetryAfter", FailureKind::kUnavailable, 1, 2000 * kMs,
                                         5000 * kMs, false, 2000 * kMs, 2050 * kMs},
                                WaitCase{"RetryAfterNothing", FailureKind::kTooManyRequests, 1,
                                         0 * kMs, 5000 * kMs, false, 0 * kMs, 50 * kMs},
                                WaitCase{"RetryAfterThatJustFits", FailureKind::kTooManyRequests, 1,
                                         2000 * kMs, 2100 * kMs, false, 2000 * kMs, 2000 * kMs},
                                WaitCase{"FailingOver", FailureKind::kUnavailable, 1, 2000 * kMs,
                                         500 * kMs, true, 0 * kMs, 0 * kMs},
                                WaitCase{"TimestampRejected", FailureKind::kTimestampRejected, 1,
                                         absl::nullopt, 5000 * kMs, false, 0 * kMs, 0 * kMs}),
                         [](const TestParamInfo<WaitCase>& given) { return given.param.name; });

TEST(RetryPolicyTest, StopsAtTheLastAttempt) {
  EXPECT_TRUE(DecideRetry({}, Failed(FailureKind::kGateway, 2), absl::Seconds(5), false, 0).retry);
  const RetryDecision step =
      DecideRetry({}, Failed(FailureKind::kGateway, 3), absl::Seconds(5), false, 0);
  EXPECT_FALSE(step.retry);
  EXPECT_THAT(std::string(step.why), HasSubstr("no more"));
}

TEST(RetryPolicyTest, NeverRetriesIfOneAttemptIsConfigured) {
  RetryOptions options;
  options.max_attempts = 1;
  EXPECT_FALSE(
      DecideRetry(options, Failed(FailureKind::kTimeout), absl::Seconds(5), true, 0).retry);
}

TEST(RetryPolicyTest, StopsIfTooLittleTimeIsLeft) {
  const FailedAttempts failed = Failed(FailureKind::kTimeout);
  EXPECT_TRUE(DecideRetry({}, failed, 100 * kMs, false, 0.9).retry);
  const RetryDecision step = DecideRetry({}, failed, 100 * kMs - kMs, true, 0);
  EXPECT_FALSE(step.retry);
  EXPECT_THAT(std::string(step.why), HasSubstr("too little time"));
}

TEST(RetryPolicyTest, StopsIfTheRequestedDelayExceedsTheTimeLeft) {
  FailedAttempts failed = Failed(FailureKind::kTooManyRequests);
  failed.retry_after = absl::Seconds(3);
  const RetryDecision step = DecideRetry({}, failed, absl::Seconds(3), false, 0);
  EXPECT_FALSE(step.retry);
  EXPECT_THAT(std::string(step.why), HasSubstr("asks to wait"));
}

TEST(RetryPolicyTest, RetriesAServerErrorOnce) {
  FailedAttempts failed = Failed(FailureKind::kServerError, 2);
  EXPECT_TRUE(DecideRetry({}, failed, absl::Seconds(5), false, 0).retry) << "the first was another";
  failed.server_errors = 2;
  EXPECT_FALSE(DecideRetry({}, failed, absl::Seconds(5), true, 0).retry);
}

TEST(RetryPolicyTest, RetriesARejectedTimestampOnce) {
  FailedAttempts failed = Failed(FailureKind::kTimestampRejected, 2);
  failed.rejected_timestamps = 2;
  EXPECT_FALSE(DecideRetry({}, failed, absl::Seconds(5), false, 0).retry);
}

TEST(RetryPolicyTest, RetriesRejectedCredentialsOnceAtOnceIfThereAreNewerOnes) {
  FailedAttempts failed = Failed(FailureKind::kCredentialsRejected);
  failed.rejected_credentials = 1;
  EXPECT_THAT(std::string(DecideRetry({}, failed, absl::Seconds(5), true, 0.5).why),
              HasSubstr("no newer credentials"));
  failed.has_newer_credentials = true;
  const RetryDecision retry = DecideRetry({}, failed, absl::Seconds(5), false, 0.5);
  EXPECT_TRUE(retry.retry);
  EXPECT_THAT(retry.wait, Eq(absl::ZeroDuration()));
  failed.rejected_credentials = 2;
  EXPECT_THAT(std::string(DecideRetry({}, failed, absl::Seconds(5), false, 0.5).why),
              HasSubstr("newer credentials were rejected too"));
}

}  // namespace
}  // namespace uid2
