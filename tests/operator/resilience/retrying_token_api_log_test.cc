// SPDX-License-Identifier: Apache-2.0

#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/operator/resilience/retrying_token_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using uid2::testing::kOptedOut;
using uid2::testing::Suspended;
using uid2::testing::TimedOut;
using uid2::testing::Unreachable;

// What is logged about attempts.
using RetryingTokenApiLogTest = uid2::testing::RetryingTokenApiTest;

TEST_F(RetryingTokenApiLogTest, EachAttemptIsLoggedOnceWhenItEndsWithItsNumberAndAddress) {
  UseAddresses(2);
  Generate();
  EXPECT_THAT(log_.attempts(), IsEmpty());
  Answer(Unreachable(), 0);
  EXPECT_THAT(log_.attempts(), SizeIs(1));
  Answer(TimedOut(), 1);
  timers_.Advance(absl::Seconds(1));
  Answer(kOptedOut, 0);
  EXPECT_THAT(log_.attempts(),
              ElementsAre("brand|https://0.example|generate|1|UNREACHABLE|0|||no route",
                          "brand|https://1.example|generate|2|TIMEOUT|0|||late",
                          "brand|https://0.example|generate|3||0|||"));
}

TEST_F(RetryingTokenApiLogTest, TheLastAttemptIsLoggedBeforeTheCallIsAnswered) {
  UseAddresses(1);
  context_.emplace(clock_.Steady() + std::chrono::seconds(5), true);
  bool logged = false;
  api_->Refresh({"TOKEN", "KEY"}, *context_,
                [&](const auto& /*reply*/) { logged = log_.attempts().size() == 1; });
  operators_[0]->AnswerRefresh(
      TokenRefreshReply{TokenRefreshReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_TRUE(logged);
  EXPECT_THAT(log_.attempts(), ElementsAre("brand|https://0.example|refresh|1||0|||"));
}

TEST_F(RetryingTokenApiLogTest, AnAttemptThatIsHeldBackIsNotLogged) {
  UseAddresses(2);
  Generate();
  Answer(Suspended(), 0);
  EXPECT_THAT(log_.attempts(), IsEmpty());
  Answer(kOptedOut, 1);
  EXPECT_THAT(log_.attempts(), ElementsAre("brand|https://1.example|generate|1||0|||"));
}

}  // namespace
}  // namespace uid2
