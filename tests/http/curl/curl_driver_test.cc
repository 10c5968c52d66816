// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_driver.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

CallContext::TimePoint Now() { return std::chrono::steady_clock::now(); }

// A driver on a loop that the test's own thread runs, pass by pass. What goes over the wire is
// tested with CurlHttpClient.
class CurlDriverTest : public ::testing::Test {
 protected:
  struct Call {
    explicit Call(absl::Duration time) : context(Now() + absl::ToChronoNanoseconds(time)) {}

    CallContext context;
    absl::optional<HttpResult> reply;
  };

  void SetUp() override { ASSERT_THAT(driver_, IsOk()); }

  std::unique_ptr<Call> Post(const std::string& url, absl::Duration time = absl::Seconds(30)) {
    auto call = std::make_unique<Call>(time);
    HttpCall::Post(std::make_shared<HttpCall>(
        HttpRequest{std::make_shared<const HttpTarget>(HttpTarget{
                        url, {}, nullptr, HttpTargetMetrics::In(metrics_, "brand", url)}),
                    "body"},
        call->context, [call = call.get()](HttpResult result) { call->reply = std::move(result); },
        *loop_, **driver_));
    return call;
  }

  // Runs the loop until `condition` holds, but for no longer than ten seconds.
  bool RunUntil(const std::function<bool()>& condition) {
    const auto limit = Now() + std::chrono::seconds(10);
    while (!condition() && Now() < limit) loop_->RunOnce(limit);
    return condition();
  }

  static absl::Status StatusOf(const Call& call) {
    const auto* const failure = absl::get_if<HttpFailure>(&*call.reply);
    return failure == nullptr ? absl::OkStatus() : failure->status;
  }

  absl::Status Await(const Call& call) {
    if (!RunUntil([&] { return call.reply.has_value(); })) return absl::UnknownError("no answer");
    return StatusOf(call);
  }

  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, ""));
  }

  const TestAuthority authority_{"authority"};
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  Metrics metrics_;
  HostResolver resolver_{*loop_, HttpMetrics::In(metrics_), absl::Seconds(30)};
  absl::StatusOr<std::unique_ptr<CurlDriver>> driver_ =
      CurlDriver::New(HttpClientOptions(), *TrustStore::Load(authority_.CertificateFile()), *loop_,
                      resolver_, HttpMetrics::In(metrics_));
};

TEST_F(CurlDriverTest, CompletesACallAndKeepsItsConnectionForTheNext) {
  const ScriptedServer server(&Answer);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Await(*Post(server.Url())), IsOk());
  EXPECT_THAT(server.connections(), Eq(1));
  EXPECT_THAT(metrics_.Total("operator_inflight"), Eq(0));
}

TEST_F(CurlDriverTest, CancelsACallBeforeItStartsAndInFlight) {
  Gate shut;
  const ScriptedServer server(
      [&](const ScriptedServer::Request&) { return Script().WaitFor(shut); });
  const auto before = Post(server.Url());
  before->context.Cancel();
  EXPECT_THAT(Await(*before), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(server.connections(), Eq(0));
  const auto during = Post(server.Url());
  ASSERT_TRUE(RunUntil([&] { return metrics_.Total("operator_requests_sent_total") == 1; }));
  during->context.Cancel();
  EXPECT_THAT(Await(*during), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(metrics_.Total("operator_inflight"), Eq(0));
}

TEST_F(CurlDriverTest, EndsACallAtItsDeadline) {
  Gate shut;
  const ScriptedServer server(
      [&](const ScriptedServer::Request&) { return Script().WaitFor(shut); });
  EXPECT_THAT(Await(*Post(server.Url(), absl::Milliseconds(20))),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(CurlDriverTest, ShutDownFailsCallsInFlightAndLaterOnes) {
  Gate shut;
  const ScriptedServer server(
      [&](const ScriptedServer::Request&) { return Script().WaitFor(shut); });
  const auto running = Post(server.Url());
  ASSERT_TRUE(RunUntil([&] { return metrics_.Total("operator_requests_sent_total") == 1; }));
  (*driver_)->ShutDown();
  ASSERT_TRUE(running->reply.has_value());
  EXPECT_THAT(StatusOf(*running), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Await(*Post(server.Url())), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(metrics_.Total("operator_new_connections_total"), Eq(1));
}

}  // namespace
}  // namespace uid2::testing
