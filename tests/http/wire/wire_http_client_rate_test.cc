// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/wire_http_client.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::Lt;

using Clock = std::chrono::steady_clock;

constexpr auto kInterval = std::chrono::microseconds(2500);

// Requests over TLS at a constant rate far below saturation. At such a rate, a client that forgets
// what TLS holds back, or waits for, stands still, and only the next event of the connection, which
// may never come, wakes it. Under saturation there is always a next event.
//
// Takes 3 seconds, or RATE_TEST_SECONDS:
//   bazel test //tests/http/wire:wire_http_client_rate_test --test_output=all
//       --test_timeout=400 --test_env=RATE_TEST_SECONDS=300
class WireHttpClientRateTest : public ::testing::Test {
 protected:
  struct Call {
    explicit Call(Clock::time_point now) : begun(now), context(now + std::chrono::seconds(20)) {}

    const Clock::time_point begun;
    CallContext context;
  };

  static std::chrono::seconds Duration() {
    int seconds = 3;
    const char* const text = std::getenv("RATE_TEST_SECONDS");
    EXPECT_TRUE(text == nullptr || absl::SimpleAtoi(text, &seconds));
    return std::chrono::seconds(seconds);
  }

  // In several records, which arrive together or apart. The server closes a connection now and
  // then, so new ones are made and resume sessions.
  Script Answer(const ScriptedServer::Request& request) {
    const int number = ++answered_;
    const std::string head = absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", 2 * kPart, "\r\n");
    const std::string part(kPart, 'r');
    if (number % 97 == 0) {
      return Script().Send(head + "Connection: close\r\n\r\n" + part).Send(part).Close();
    }
    if (number % 101 == 0) return Script().Send(head + "\r\n" + part + part).Close();
    if (request.body.size() % 2 == 0) return Script().Send(head).Send("\r\n" + part).Send(part);
    return Script().Send(head + "\r\n").Repeat(part, 2, absl::Milliseconds(10));
  }

  void Post(const std::shared_ptr<const HttpTarget>& target, int number) {
    Call& call = calls_.emplace_back(Clock::now());
    ++in_flight_;
    client_->Post({target, std::string(static_cast<size_t>(200 + number % 2), 'q')}, call.context,
                  [this, &call](const HttpResult& result) {
                    const auto* const reply = absl::get_if<HttpReply>(&result);
                    if (reply == nullptr) {
                      ADD_FAILURE() << absl::get<HttpFailure>(result).status;
                    } else {
                      EXPECT_THAT(reply->body.size(), Eq(2 * kPart));
                    }
                    const std::lock_guard<std::mutex> lock(mutex_);
                    longest_ = std::max(longest_, Clock::now() - call.begun);
                    --in_flight_;
                    changed_.notify_all();
                  });
  }

  static constexpr size_t kPart = 600;

  const TestAuthority authority_{"authority"};
  const std::shared_ptr<const TrustStore> trust_store_ =
      *TrustStore::Load(authority_.CertificateFile());
  std::atomic<int> answered_{0};
  const ScriptedServer server_{
      [this](const ScriptedServer::Request& request) { return Answer(request); },
      authority_.Issue("IP:127.0.0.1")};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<int> in_flight_{0};
  Clock::duration longest_{0};
  // Until the client is gone.
  std::deque<Call> calls_;
  std::unique_ptr<WireHttpClient> client_ = *WireHttpClient::New(
      {.connect_timeout = absl::Seconds(10), .request_timeout = absl::Seconds(10)}, trust_store_);
};

TEST_F(WireHttpClientRateTest, NothingStandsStillBelowSaturationOverTls) {
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server_.Url(), {}});
  const Clock::time_point begin = Clock::now();
  const Clock::time_point end = begin + Duration();
  int number = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (Clock::time_point due = begin; due < end; due += kInterval) {
    // Nothing ends this wait before the time has come.
    while (Clock::now() < due) (void)changed_.wait_until(lock, due);
    lock.unlock();
    // There are usually ten. Otherwise the machine is saturated, and each call that is given up
    // costs a new connection.
    ASSERT_THAT(in_flight_, Lt(1000)) << "after " << number << " calls";
    Post(target, ++number);
    if (number % 4000 == 0) {
      client_->ReplaceTrustStore(*TrustStore::Load(authority_.CertificateFile()));
    }
    lock.lock();
  }
  ASSERT_TRUE(
      changed_.wait_for(lock, std::chrono::seconds(15), [this] { return in_flight_ == 0; }));
  const auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(longest_).count();
  RecordProperty("calls", number);
  RecordProperty("longest_ms", static_cast<int>(longest));
  std::printf("%d calls, the longest took %d ms; %d connections, %d of which resumed a session\n",
              number, static_cast<int>(longest), server_.connections(), server_.resumed());
  // A busy machine is slow, but not as slow as a time limit.
  EXPECT_THAT(longest, Lt(5000));
  EXPECT_THAT(server_.resumed(), Gt(0));
}

}  // namespace
}  // namespace uid2::testing
