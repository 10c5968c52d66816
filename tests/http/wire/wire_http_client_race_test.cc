// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/wire_http_client.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

using Clock = std::chrono::steady_clock;

constexpr int kThreads = 6;
constexpr int kCallsOfThread = 150;
// Of one thread at a time.
constexpr int kTogether = 4;

// Everything at once that threads can do to a client and to the connections that they share: posts,
// cancellations, peers that close, deadlines, connections that are too many, and authorities that
// change.
class WireHttpClientRaceTest : public ::testing::TestWithParam<bool> {
 protected:
  struct Call {
    CallContext context;
    std::atomic<int> answers{0};

    explicit Call(Clock::time_point deadline) : context(deadline) {}
  };

  Script Serve(const ScriptedServer::Request& request) const {
    if (request.body == "close") return Script().Close();
    if (request.body == "reset") return Script().Reset();
    if (request.body == "hang") return Script().WaitFor(shut_);
    // Closes without announcing it, so the next request on the connection comes too late.
    if (request.body == "leave") return Script().Send(ReplyText(200, "leave")).Close();
    return Script().Send(ReplyText(200, request.body));
  }

  void Post(Call& call, const std::string& body, absl::BlockingCounter& pending) {
    client_->Post({target_, body}, call.context, [&call, &pending, body](HttpResult result) {
      const auto* const reply = absl::get_if<HttpReply>(&result);
      if (reply != nullptr) {
        EXPECT_THAT(reply->body, Eq(body));
      }
      EXPECT_THAT(++call.answers, Eq(1));
      pending.DecrementCount();
    });
  }

  void MakeCalls(unsigned seed) {
    static const char* const kBodies[] = {"close", "reset", "hang", "leave"};
    std::mt19937 random(seed);
    for (int i = 0; i < kCallsOfThread; i += kTogether) {
      std::vector<std::unique_ptr<Call>> calls;
      absl::BlockingCounter pending(kTogether);
      for (int j = 0; j < kTogether; ++j) {
        const auto choice = random() % 12;
        const std::string body = choice < 4 ? kBodies[choice] : "good";
        const auto time = std::chrono::milliseconds(body == "hang" ? 1 + random() % 20 : 30000);
        Call& call = *calls.emplace_back(std::make_unique<Call>(Clock::now() + time));
        Post(call, body, pending);
        if (random() % 6 == 0) CancelLater(call);
      }
      CancelSome();
      if (random() % 16 == 0) client_->ReplaceTrustStore(Store());
      pending.Wait();
      StopCancelling(calls);
    }
  }

  // Any thread cancels it, now or later.
  void CancelLater(Call& call) {
    absl::MutexLock lock(&mutex_);
    to_cancel_.push_back(&call);
  }

  void CancelSome() {
    absl::MutexLock lock(&mutex_);
    for (Call* const call : to_cancel_) call->context.Cancel();
    to_cancel_.clear();
  }

  void StopCancelling(const std::vector<std::unique_ptr<Call>>& calls) {
    absl::MutexLock lock(&mutex_);
    for (const auto& call : calls) std::erase(to_cancel_, call.get());
  }

  std::shared_ptr<const TrustStore> Store() const {
    return *TrustStore::Load(authority_.CertificateFile());
  }

  static HttpClientOptions Options() {
    return {.request_timeout = absl::Seconds(30), .max_idle_connections = 3};
  }

  Gate shut_;
  const TestAuthority authority_{"authority"};
  const ScriptedServer server_{
      [this](const ScriptedServer::Request& request) { return Serve(request); },
      GetParam() ? absl::make_optional(authority_.Issue("IP:127.0.0.1")) : absl::nullopt};
  const std::shared_ptr<const HttpTarget> target_ =
      std::make_shared<const HttpTarget>(HttpTarget{server_.Url(), {}});
  std::unique_ptr<WireHttpClient> client_ = *WireHttpClient::New(Options(), Store());
  absl::Mutex mutex_;
  std::vector<Call*> to_cancel_ ABSL_GUARDED_BY(mutex_);
};

TEST_P(WireHttpClientRaceTest, EveryCallIsAnsweredOnceWithItsOwnReply) {
  std::vector<std::thread> callers;
  for (unsigned seed = 0; seed < kThreads; ++seed) {
    callers.emplace_back([this, seed] { MakeCalls(seed); });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_P(WireHttpClientRaceTest, EveryCallIsAnsweredOnceIfTheClientEnds) {
  for (int round = 0; round < 10; ++round) {
    std::vector<std::unique_ptr<Call>> calls;
    absl::BlockingCounter pending(2 * kThreads);
    for (int i = 0; i < 2 * kThreads; ++i) {
      calls.push_back(std::make_unique<Call>(Clock::now() + std::chrono::seconds(30)));
    }
    std::vector<std::thread> callers;
    for (int i = 0; i < kThreads; ++i) {
      callers.emplace_back([&, i] {
        Post(*calls[static_cast<size_t>(2 * i)], "good", pending);
        Post(*calls[static_cast<size_t>(2 * i + 1)], "hang", pending);
      });
    }
    for (std::thread& caller : callers) caller.join();
    std::thread canceller([&] { calls.front()->context.Cancel(); });
    client_.reset();
    canceller.join();
    for (const auto& call : calls) ASSERT_THAT(call->answers.load(), Eq(1));
    pending.Wait();
    client_ = *WireHttpClient::New(Options(), Store());
  }
}

INSTANTIATE_TEST_SUITE_P(, WireHttpClientRaceTest, ::testing::Bool(), [](const auto& test) {
  return std::string(test.param ? "Tls" : "Clear");
});

}  // namespace
}  // namespace uid2::testing
