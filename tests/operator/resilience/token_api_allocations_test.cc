// SPDX-License-Identifier: Apache-2.0

// A call that succeeds at the first attempt allocates nothing in the layers that decide how the
// operator is called: their state is in the call's own memory.

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/random_fraction.h"
#include "server/operator/attempt_api.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/resilience/coalescing_token_api.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/operator/resilience/throttling_attempt_api.h"
#include "server/telemetry/address_metrics.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"
#include "tests/fakes/allocation_count.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/simulated_timers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using uid2::testing::AllocationCount;
using uid2::testing::SimulatedClock;
using uid2::testing::SimulatedTimers;
using uid2::testing::TestCredentials;

// Holds the last attempt, and allocates nothing for it.
class HeldAttemptApi : public AttemptApi {
 public:
  void Send(const TokenGenerateRequest& /*request*/, const OperatorCredentialsPtr& /*credentials*/,
            CallContext& /*context*/, Callback<TokenGenerateReply> done) override {
    generate_ = std::move(done);
  }
  void Send(const TokenRefreshRequest& /*request*/, const OperatorCredentialsPtr& /*credentials*/,
            CallContext& /*context*/, Callback<TokenRefreshReply> /*done*/) override {}

  void Answer(AttemptResult<TokenGenerateReply> result) { std::move(generate_)(std::move(result)); }

 private:
  Callback<TokenGenerateReply> generate_;
};

class NoCallLog : public CallLog {
 public:
  void Record(const CallRecord& /*record*/) override {}
  void Record(const AttemptRecord& /*record*/) override {}
};

class TokenApiAllocationsTest : public ::testing::Test {
 protected:
  TokenApiAllocationsTest() {
    auto attempts = std::make_unique<HeldAttemptApi>();
    attempts_ = attempts.get();
    std::vector<RetryingTokenApi::Address> addresses;
    addresses.push_back(
        {std::make_unique<ThrottlingAttemptApi>(std::move(attempts), throttle_, throttle_,
                                                reply_times_, clock_, &RandomFraction),
         ejection_, ejection_, "https://one.example",
         AddressMetrics::In(metrics_, "brand", "https://one.example")});
    const RetryOptions options;
    api_ = std::make_unique<CoalescingTokenApi>(
        std::make_unique<RetryingTokenApi>(
            std::move(addresses), options,
            RetryingTokenApi::Environment{"brand", credentials_, budget_, budget_, reply_times_,
                                          OperatorMetrics::In(metrics_, "brand"), log_, timers_,
                                          clock_, &RandomFraction}),
        shared_refreshes_, timers_, clock_, options.min_time_left);
  }

  // Returns how many allocations a call made until it was answered.
  int Call(AttemptResult<TokenGenerateReply> first, AttemptResult<TokenGenerateReply> second) {
    CallContext context(clock_.Steady() + std::chrono::seconds(5));
    bool answered = false;
    const int before = AllocationCount();
    api_->Generate({}, context, [&answered](absl::StatusOr<TokenGenerateReply>&& /*reply*/) {
      answered = true;
    });
    attempts_->Answer(std::move(first));
    if (!answered) {
      timers_.Advance(absl::Seconds(1));
      attempts_->Answer(std::move(second));
    }
    EXPECT_TRUE(answered);
    return AllocationCount() - before;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  SimulatedTimers timers_{clock_};
  Metrics metrics_;
  NoCallLog log_;
  OperatorCredentialsProvider credentials_{TestCredentials()};
  RetryBudget budget_{RetryBudgetOptions()};
  ReplyTimes reply_times_{absl::Milliseconds(1500)};
  SharedRefreshes shared_refreshes_{OperatorMetrics::In(metrics_, "brand")};
  Throttle throttle_{ThrottleOptions()};
  AddressEjection ejection_{AddressEjectionOptions()};
  HeldAttemptApi* attempts_;
  std::unique_ptr<TokenApi> api_;
};

const TokenGenerateReply kOptedOut{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt};

TEST_F(TokenApiAllocationsTest, ACallThatSucceedsAtOnceAllocatesNothing) {
  (void)Call(kOptedOut, kOptedOut);
  EXPECT_THAT(Call(kOptedOut, kOptedOut), Eq(0));
}

// Also shows that allocations are counted.
TEST_F(TokenApiAllocationsTest, OnlyARetryAllocates) {
  const AttemptFailure unavailable{.kind = FailureKind::kUnavailable, .message = "down"};
  EXPECT_THAT(Call(unavailable, kOptedOut), Gt(0));
}

}  // namespace
}  // namespace uid2
