// SPDX-License-Identifier: Apache-2.0

// The whole chain of token APIs with many threads, whose callers cancel at any time: each call gets
// exactly one answer, and nothing is left behind. Mostly for ThreadSanitizer.

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/random_fraction.h"
#include "server/call/system_clock.h"
#include "server/http/http_transport.h"
#include "server/http/tls/trust_store.h"
#include "server/http/transport_choice.h"
#include "server/operator/attempt_api.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/resilience/coalescing_token_api.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/operator/resilience/throttling_attempt_api.h"
#include "server/status/reason.h"
#include "server/telemetry/address_metrics.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"
#include "tests/fakes/fake_attempt_api.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::TestCredentials;

constexpr int kThreads = 4;
constexpr int kCallsOfThread = 500;

// Answers within two milliseconds, one time in three with a failure, and ends cancelled attempts.
class MoodyAttemptApi : public AttemptApi {
 public:
  // Counts the attempts in `attempts`.
  MoodyAttemptApi(Timers& timers, std::atomic<int>& attempts)
      : timers_(timers), attempts_(attempts) {}

  void Send(const TokenGenerateRequest& /*request*/, const OperatorCredentialsPtr& /*credentials*/,
            CallContext& context, Callback<TokenGenerateReply> done) override {
    Attempt(context, std::move(done), TokenGenerateReply());
  }
  void Send(const TokenRefreshRequest& /*request*/, const OperatorCredentialsPtr& /*credentials*/,
            CallContext& context, Callback<TokenRefreshReply> done) override {
    Attempt(context, std::move(done), TokenRefreshReply());
  }

 private:
  template <typename Reply>
  void Attempt(CallContext& context, Callback<Reply> done, Reply reply) {
    ++attempts_;
    struct Pending {
      void End(AttemptResult<Reply> result) {
        if (over.exchange(true)) return;
        on_cancel.reset();
        std::move(done)(std::move(result));
      }

      std::atomic<bool> over = false;
      Callback<Reply> done;
      absl::optional<CancelCallback> on_cancel;
    };
    auto pending = std::make_shared<Pending>();
    pending->done = std::move(done);
    const auto wait = std::chrono::microseconds(static_cast<int>(RandomFraction() * 2000));
    pending->on_cancel.emplace(context, [this, pending] {
      // An HTTP client would do this on its own thread.
      timers_.Schedule(std::chrono::steady_clock::now(), [pending] {
        pending->End(AttemptFailure{.kind = FailureKind::kCancelled});
      });
    });
    const bool fails = RandomFraction() < 1.0 / 3;
    timers_.Schedule(std::chrono::steady_clock::now() + wait, [pending, fails, reply] {
      if (!fails) return pending->End(reply);
      pending->End(AttemptFailure{.kind = FailureKind::kGateway,
                                  .reason = identity::v1::OPERATOR_ERROR,
                                  .message = "moody"});
    });
  }

  Timers& timers_;
  std::atomic<int>& attempts_;
};

// Counts records. Does not order the threads that write them.
class CountingCallLog : public CallLog {
 public:
  void Record(const CallRecord& /*record*/) override {}
  void Record(const AttemptRecord& /*record*/) override {
    attempts_.fetch_add(1, std::memory_order_relaxed);
  }

  int attempts() const { return attempts_; }

 private:
  std::atomic<int> attempts_ = 0;
};

class TokenApiStormTest : public ::testing::Test {
 protected:
  TokenApiStormTest() : http_(*MakeHttpTransport({}, *TrustStore::Load(""))) {
    std::vector<RetryingTokenApi::Address> addresses;
    for (int i = 0; i < 2; ++i) {
      const std::string url = i == 0 ? "one" : "two";
      Throttle& throttle = throttles_.emplace_back(ThrottleOptions());
      AddressEjection& ejection = ejections_.emplace_back(AddressEjectionOptions());
      addresses.push_back({std::make_unique<ThrottlingAttemptApi>(
                               std::make_unique<MoodyAttemptApi>(http_->timers(), attempts_),
                               throttle, throttle, reply_times_, clock_, &RandomFraction),
                           ejection, ejection, url, AddressMetrics::In(metrics_, "brand", url)});
    }
    RetryOptions options;
    options.initial_backoff = absl::Milliseconds(2);
    api_ = std::make_unique<CoalescingTokenApi>(
        std::make_unique<RetryingTokenApi>(
            std::move(addresses), options,
            RetryingTokenApi::Environment{"brand", credentials_, budget_, budget_, reply_times_,
                                          OperatorMetrics::In(metrics_, "brand"), log_,
                                          http_->timers(), clock_, &RandomFraction}),
        shared_refreshes_, http_->timers(), clock_, options.min_time_left);
  }

  // Makes one call after another, half of which are soon cancelled.
  void Call(std::atomic<int>& answers) {
    for (int i = 0; i < kCallsOfThread; ++i) {
      CallContext context(clock_.Steady() + std::chrono::milliseconds(101), true);
      absl::Notification answered;
      const auto done = [&](const auto& /*reply*/) {
        ++answers;
        answered.Notify();
      };
      if (RandomFraction() < 0.3) {
        api_->Generate({}, context, done);
      } else {
        api_->Refresh({RandomFraction() < 0.5 ? "one" : "another", "key"}, context, done);
      }
      if (RandomFraction() < 0.5) {
        answered.WaitForNotificationWithTimeout(absl::Microseconds(1500));
        context.Cancel();
      }
      answered.WaitForNotification();
    }
  }

  SystemClock clock_;
  Metrics metrics_;
  CountingCallLog log_;
  OperatorCredentialsProvider credentials_{TestCredentials()};
  RetryBudget budget_{RetryBudgetOptions()};
  ReplyTimes reply_times_{absl::Milliseconds(1500)};
  SharedRefreshes shared_refreshes_{OperatorMetrics::In(metrics_, "brand")};
  std::atomic<int> attempts_ = 0;
  std::deque<Throttle> throttles_;
  std::deque<AddressEjection> ejections_;
  std::unique_ptr<HttpTransport> http_;
  std::unique_ptr<TokenApi> api_;
};

TEST_F(TokenApiStormTest, EachCallerGetsOneAnswerAndNothingIsLeftBehind) {
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&] { Call(answers); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(answers, Eq(kThreads * kCallsOfThread));
  EXPECT_THAT(metrics_.Total("shared_refreshes"), Eq(0));
  EXPECT_GT(metrics_.Total("refreshes_shared_total"), 0);
  EXPECT_GT(metrics_.Total("retries_total"), 0);
  EXPECT_THAT(metrics_.Total("operator_requests_total"), Eq(attempts_.load()));
  EXPECT_THAT(metrics_.Total("operator_request_seconds"), Eq(attempts_.load()));
  EXPECT_THAT(log_.attempts(), Eq(attempts_.load()));
}

}  // namespace
}  // namespace uid2
