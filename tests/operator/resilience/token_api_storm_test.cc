// The whole chain of token APIs under many threads, whose callers leave whenever they like: each
// gets exactly one answer, and nothing is left behind. Mostly for ThreadSanitizer.

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/draw.h"
#include "server/call/system_clock.h"
#include "server/http/curl/curl_http_client.h"
#include "server/operator/failure_kind.h"
#include "server/operator/resilience/coalescing_token_api.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/operator/resilience/throttling_token_api.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

using ::testing::Eq;

constexpr int kThreads = 4;
constexpr int kCallsOfThread = 500;
constexpr absl::Duration kAttemptTimeout = absl::Milliseconds(1500);

// An operator of moods: answers within two milliseconds, every third time with a failure, and lets
// go of what is cancelled.
class MoodyTokenApi : public TokenApi {
 public:
  explicit MoodyTokenApi(Timers& timers) : timers_(timers) {}

  void Generate(TokenGenerateRequest /*request*/, CallContext& context,
                Callback<TokenGenerateReply> done) override {
    Attempt(context, std::move(done), TokenGenerateReply());
  }
  void Refresh(TokenRefreshRequest /*request*/, CallContext& context,
               Callback<TokenRefreshReply> done) override {
    Attempt(context, std::move(done), TokenRefreshReply());
  }

 private:
  template <typename Reply>
  void Attempt(CallContext& context, Callback<Reply> done, Reply reply) {
    struct Pending {
      void End(absl::StatusOr<Reply> result) {
        if (over.exchange(true)) return;
        // The hook may hold this for long.
        Callback<Reply> last = std::move(done);
        std::move(last)(std::move(result));
      }

      std::atomic<bool> over = false;
      Callback<Reply> done;
    };
    auto pending = std::make_shared<Pending>();
    pending->done = std::move(done);
    const auto wait = std::chrono::microseconds(static_cast<int>(DrawUniform() * 2000));
    context.OnCancel([this, pending] {
      // As an HTTP client does, from a thread of its own.
      timers_.Schedule(std::chrono::steady_clock::now(),
                       [pending] { pending->End(absl::CancelledError("taken off the wire")); });
    });
    const bool fails = DrawUniform() < 1.0 / 3;
    timers_.Schedule(std::chrono::steady_clock::now() + wait, [pending, fails, reply] {
      pending->End(
          fails ? absl::StatusOr<Reply>(WithFailureKind(
                      MakeError(identity::v1::OPERATOR_ERROR, "moody"), FailureKind::kGateway))
                : absl::StatusOr<Reply>(reply));
    });
  }

  Timers& timers_;
};

class TokenApiStormTest : public ::testing::Test {
 protected:
  TokenApiStormTest() : http_(*CurlHttpClient::New({})) {
    std::vector<RetryingTokenApi::Address> addresses;
    for (int i = 0; i < 2; ++i) {
      Throttle& throttle = throttles_.emplace_back(ThrottleOptions());
      AddressRest& rest = rests_.emplace_back(AddressRestOptions());
      addresses.push_back(
          {std::make_unique<ThrottlingTokenApi>(std::make_unique<MoodyTokenApi>(http_->timers()),
                                                throttle, clock_, kAttemptTimeout, &DrawUniform),
           rest});
    }
    RetryOptions options;
    options.base_delay = absl::Milliseconds(2);
    api_ = std::make_unique<CoalescingTokenApi>(
        std::make_unique<RetryingTokenApi>(
            std::move(addresses), options, kAttemptTimeout,
            RetryingTokenApi::Environment{budget_, counts_, http_->timers(), clock_, &DrawUniform}),
        flights_, http_->timers(), clock_, options.least_time);
  }

  // One call after the other, half of which are left after a moment.
  void Call(std::atomic<int>& answers) {
    for (int i = 0; i < kCallsOfThread; ++i) {
      CallContext context(clock_.Steady() + std::chrono::milliseconds(101), true);
      absl::Notification answered;
      const auto done = [&](const auto& /*reply*/) {
        ++answers;
        answered.Notify();
      };
      if (DrawUniform() < 0.3) {
        api_->Generate({}, context, done);
      } else {
        api_->Refresh({DrawUniform() < 0.5 ? "one" : "another", "key"}, context, done);
      }
      if (DrawUniform() < 0.5) {
        answered.WaitForNotificationWithTimeout(absl::Microseconds(1500));
        context.Cancel();
      }
      answered.WaitForNotification();
    }
  }

  SystemClock clock_;
  OperatorCounts counts_;
  RetryBudget budget_{RetryBudgetOptions()};
  RefreshFlights flights_{counts_};
  std::deque<Throttle> throttles_;
  std::deque<AddressRest> rests_;
  std::unique_ptr<CurlHttpClient> http_;
  std::unique_ptr<TokenApi> api_;
};

TEST_F(TokenApiStormTest, EachCallerGetsOneAnswerAndNothingIsLeftBehind) {
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&] { Call(answers); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(answers, Eq(kThreads * kCallsOfThread));
  EXPECT_THAT(counts_.refreshes_in_flight, Eq(0));
  EXPECT_GT(counts_.shared, 0);
  EXPECT_GT(counts_.retries, 0);
}

}  // namespace
}  // namespace uid2
