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
  failed.refused_stamps = kind == FailureKind::kStampRefused ? 1 : 0;
  return failed;
}

struct KindCase {
  std::string name;
  FailureKind kind;
  bool again_here;
  bool again_elsewhere;
};

class RetryPolicyKindTest : public TestWithParam<KindCase> {};

TEST_P(RetryPolicyKindTest, TriesAgainWhatCanSucceed) {
  const FailedAttempts failed = Failed(GetParam().kind);
  const RetryStep here = DecideRetry({}, failed, absl::Seconds(5), false, 0.5);
  const RetryStep elsewhere = DecideRetry({}, failed, absl::Seconds(5), true, 0.5);
  EXPECT_THAT(here.again, Eq(GetParam().again_here));
  EXPECT_THAT(elsewhere.again, Eq(GetParam().again_elsewhere));
  EXPECT_THAT(here.why.empty(), Eq(here.again));
  EXPECT_THAT(elsewhere.why.empty(), Eq(elsewhere.again));
}

INSTANTIATE_TEST_SUITE_P(
    All, RetryPolicyKindTest,
    Values(KindCase{"Other", FailureKind::kOther, false, false},
           KindCase{"Unreachable", FailureKind::kUnreachable, true, true},
           KindCase{"Certificate", FailureKind::kCertificate, false, true},
           KindCase{"Timeout", FailureKind::kTimeout, true, true},
           KindCase{"TooManyRequests", FailureKind::kTooManyRequests, true, true},
           KindCase{"Unavailable", FailureKind::kUnavailable, true, true},
           KindCase{"Gateway", FailureKind::kGateway, true, true},
           KindCase{"ServerError", FailureKind::kServerError, true, true},
           KindCase{"OtherServerError", FailureKind::kOtherServerError, false, false},
           KindCase{"StampRefused", FailureKind::kStampRefused, true, true},
           KindCase{"Suspended", FailureKind::kSuspended, false, false}),
    [](const TestParamInfo<KindCase>& given) { return given.param.name; });

struct WaitCase {
  std::string name;
  FailureKind kind;
  int count;
  absl::optional<absl::Duration> retry_after;
  absl::Duration time_left;
  bool elsewhere;
  // What draws of 0 and of almost 1 give.
  absl::Duration least;
  absl::Duration most;
};

class RetryPolicyWaitTest : public TestWithParam<WaitCase> {};

TEST_P(RetryPolicyWaitTest, DrawsTheWaitFromItsRange) {
  const WaitCase& given = GetParam();
  FailedAttempts failed = Failed(given.kind, given.count);
  failed.retry_after = given.retry_after;
  RetryOptions options;
  options.max_attempts = 10;
  const RetryStep least = DecideRetry(options, failed, given.time_left, given.elsewhere, 0);
  const RetryStep most = DecideRetry(options, failed, given.time_left, given.elsewhere, 0.999999);
  ASSERT_TRUE(least.again);
  ASSERT_TRUE(most.again);
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
                                WaitCase{"Elsewhere", FailureKind::kUnavailable, 1, 2000 * kMs,
                                         500 * kMs, true, 0 * kMs, 0 * kMs},
                                WaitCase{"StampRefused", FailureKind::kStampRefused, 1,
                                         absl::nullopt, 5000 * kMs, false, 0 * kMs, 0 * kMs}),
                         [](const TestParamInfo<WaitCase>& given) { return given.param.name; });

TEST(RetryPolicyTest, StopsAtTheLastAttempt) {
  EXPECT_TRUE(DecideRetry({}, Failed(FailureKind::kGateway, 2), absl::Seconds(5), false, 0).again);
  const RetryStep step =
      DecideRetry({}, Failed(FailureKind::kGateway, 3), absl::Seconds(5), false, 0);
  EXPECT_FALSE(step.again);
  EXPECT_THAT(std::string(step.why), HasSubstr("no more"));
}

TEST(RetryPolicyTest, NeverTriesAgainWhereOneAttemptIsConfigured) {
  RetryOptions options;
  options.max_attempts = 1;
  EXPECT_FALSE(
      DecideRetry(options, Failed(FailureKind::kTimeout), absl::Seconds(5), true, 0).again);
}

TEST(RetryPolicyTest, StopsWhereTooLittleTimeIsLeft) {
  const FailedAttempts failed = Failed(FailureKind::kTimeout);
  EXPECT_TRUE(DecideRetry({}, failed, 100 * kMs, false, 0.9).again);
  const RetryStep step = DecideRetry({}, failed, 100 * kMs - kMs, true, 0);
  EXPECT_FALSE(step.again);
  EXPECT_THAT(std::string(step.why), HasSubstr("too little time"));
}

TEST(RetryPolicyTest, StopsWhereTheOperatorAsksForMoreTimeThanThereIs) {
  FailedAttempts failed = Failed(FailureKind::kTooManyRequests);
  failed.retry_after = absl::Seconds(3);
  const RetryStep step = DecideRetry({}, failed, absl::Seconds(3), false, 0);
  EXPECT_FALSE(step.again);
  EXPECT_THAT(std::string(step.why), HasSubstr("asks to wait"));
}

TEST(RetryPolicyTest, TriesAServerErrorOnceMore) {
  FailedAttempts failed = Failed(FailureKind::kServerError, 2);
  EXPECT_TRUE(DecideRetry({}, failed, absl::Seconds(5), false, 0).again) << "the first was another";
  failed.server_errors = 2;
  EXPECT_FALSE(DecideRetry({}, failed, absl::Seconds(5), true, 0).again);
}

TEST(RetryPolicyTest, TriesAnotherTimeStampOnce) {
  FailedAttempts failed = Failed(FailureKind::kStampRefused, 2);
  failed.refused_stamps = 2;
  EXPECT_FALSE(DecideRetry({}, failed, absl::Seconds(5), false, 0).again);
}

}  // namespace
}  // namespace uid2
