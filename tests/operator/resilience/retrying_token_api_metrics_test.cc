// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/matchers/status_matchers.h"
#include "tests/operator/resilience/retrying_token_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::CredentialsRejected;
using uid2::testing::IsOk;
using uid2::testing::kOptedOut;
using uid2::testing::Suspended;
using uid2::testing::TestCredentials;
using uid2::testing::TimedOut;
using uid2::testing::Unavailable;
using uid2::testing::Unreachable;

// What is counted about attempts.
class RetryingTokenApiMetricsTest : public uid2::testing::RetryingTokenApiTest {
 protected:
  void AnswerWith(int status, AttemptResult<TokenGenerateReply> result, size_t address = 0) {
    context_->trace().http_status = status;
    Answer(std::move(result), address);
  }

  // Expects `count` attempts to have been counted under these labels.
  void ExpectCounted(absl::string_view attempt, absl::string_view code_class, int count,
                     int address = 0, absl::string_view endpoint = "generate") const {
    EXPECT_THAT(metrics_.Text(),
                HasSubstr(absl::StrCat("\noperator_requests_total{address=\"https://", address,
                                       ".example\",attempt=\"", attempt, "\",code_class=\"",
                                       code_class, "\",endpoint=\"", endpoint,
                                       "\",participant=\"brand\"} ", count, "\n")));
  }

  int64_t Attempts() const {
    EXPECT_THAT(metrics_.Total("operator_request_seconds"),
                Eq(metrics_.Total("operator_requests_total")));
    return metrics_.Total("operator_requests_total");
  }
};

TEST_F(RetryingTokenApiMetricsTest, AnAttemptIsCountedWhenItEndsWithItsTime) {
  UseAddresses(1);
  Generate();
  EXPECT_THAT(Attempts(), Eq(0));
  timers_.Advance(absl::Milliseconds(30));
  AnswerWith(200, kOptedOut);
  ExpectCounted("1", "2xx", 1);
  EXPECT_THAT(Attempts(), Eq(1));
  EXPECT_THAT(metrics_.Text(), HasSubstr("participant=\"brand\",le=\"0.025\"} 0\n"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("participant=\"brand\",le=\"0.05\"} 1\n"));
}

TEST_F(RetryingTokenApiMetricsTest, EachAttemptOfACallIsCountedUnderItsNumberAndClass) {
  UseAddresses(1);
  Generate();
  AnswerWith(503, Unavailable());
  timers_.Advance(absl::Seconds(1));
  AnswerWith(0, TimedOut());
  timers_.Advance(absl::Seconds(1));
  AnswerWith(200, kOptedOut);
  EXPECT_THAT(*told_, IsOk());
  ExpectCounted("1", "5xx", 1);
  ExpectCounted("2", "none", 1);
  ExpectCounted("3+", "2xx", 1);
  EXPECT_THAT(Attempts(), Eq(3));
  EXPECT_THAT(metrics_.Total("retries_total", "unavailable"), Eq(1));
  EXPECT_THAT(metrics_.Total("retries_total", "timeout"), Eq(1));
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(2));
}

TEST_F(RetryingTokenApiMetricsTest, AnAttemptIsCountedAtTheAddressThatItWentTo) {
  UseAddresses(2);
  Generate();
  AnswerWith(0, Unreachable(), 0);
  AnswerWith(200, kOptedOut, 1);
  ExpectCounted("1", "none", 1, 0);
  ExpectCounted("2", "2xx", 1, 1);
  EXPECT_THAT(Attempts(), Eq(2));
  EXPECT_THAT(metrics_.Total("retries_total", "unreachable"), Eq(1));
}

TEST_F(RetryingTokenApiMetricsTest, RefreshesAreCountedApart) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
  api_->Refresh({"TOKEN", "KEY"}, *context_, [](const auto& /*reply*/) {});
  context_->trace().http_status = 200;
  operators_[0]->AnswerRefresh(
      TokenRefreshReply{TokenRefreshReply::Outcome::kReplyNotOpened, absl::nullopt});
  ExpectCounted("1", "2xx", 1, 0, "refresh");
  EXPECT_THAT(Attempts(), Eq(1));
  EXPECT_THAT(metrics_.Total("refresh_replies_not_opened_total", "brand"), Eq(1));
}

TEST_F(RetryingTokenApiMetricsTest, AnAttemptWhoseCallerHasGoneIsCountedOnce) {
  UseAddresses(1);
  Generate();
  context_->Cancel();
  AnswerWith(0, AttemptFailure{.kind = FailureKind::kCancelled});
  ExpectCounted("1", "cancelled", 1);
  EXPECT_THAT(Attempts(), Eq(1));
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(0));
}

TEST_F(RetryingTokenApiMetricsTest, AnAttemptThatIsHeldBackIsNotAnAttempt) {
  UseAddresses(2);
  Generate();
  AnswerWith(0, Suspended(), 0);
  EXPECT_THAT(Attempts(), Eq(0));
  AnswerWith(200, kOptedOut, 1);
  ExpectCounted("1", "2xx", 1, 1);
  EXPECT_THAT(Attempts(), Eq(1));
}

TEST_F(RetryingTokenApiMetricsTest, ARetryWithNewerCredentialsIsNotOneForTheOperatorsFailure) {
  UseAddresses(1);
  Generate();
  credentials_.Replace(TestCredentials("new-key"));
  AnswerWith(401, CredentialsRejected());
  AnswerWith(200, kOptedOut);
  ExpectCounted("1", "4xx", 1);
  ExpectCounted("2", "2xx", 1);
  EXPECT_THAT(metrics_.Total("retries_total", "credentials"), Eq(1));
  EXPECT_THAT(metrics_.Total("retries_total"), Eq(1));
}

}  // namespace
}  // namespace uid2
