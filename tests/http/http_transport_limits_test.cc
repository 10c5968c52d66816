// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;

using Clock = std::chrono::steady_clock;

// Time limits, which end a request before its reply. The server does not answer while its gate is
// closed.
class HttpTransportLimitsTest : public HttpTransportTest {
 protected:
  // Makes calls that must fail at a time limit, until one had time to connect.
  bool WithTimeToConnect(const std::function<void(absl::Duration)>& call) {
    return WithEnoughTime(absl::Milliseconds(50), [&](absl::Duration time) {
      call(time);
      return server_.connections() > 0;
    });
  }

  Gate gate_;
  const ScriptedServer server_{[this](const ScriptedServer::Request&) {
    return Script().WaitFor(gate_).Send(ReplyText(200, "late"));
  }};
};

TEST_P(HttpTransportLimitsTest, ADeadlineThatHasPassedSendsNothing) {
  const auto client = MakeClient(Options());
  for (const auto deadline : {Clock::now(), Clock::time_point::min(), Clock::time_point()}) {
    CallContext context(deadline);
    PendingReply reply;
    client->Post({Target(server_.Url()), ""}, context, reply.Callback());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_THAT(server_.connections(), Eq(0));
}

TEST_P(HttpTransportLimitsTest, ADeadlineEndsTheWaitAndTheConnection) {
  const auto client = MakeClient(Options());
  EXPECT_TRUE(WithTimeToConnect([&](absl::Duration time) {
    const auto deadline = DeadlineIn(time);
    CallContext context(deadline);
    PendingReply reply;
    client->Post({Target(server_.Url()), ""}, context, reply.Callback());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_THAT(Clock::now(), Ge(deadline));
  }));
  EXPECT_TRUE(server_.AwaitPeerCloses(server_.connections()));
}

TEST_P(HttpTransportLimitsTest, WithoutADeadlineTheRequestTimeoutApplies) {
  HttpClientOptions options = Options();
  EXPECT_TRUE(WithTimeToConnect([&](absl::Duration time) {
    options.request_timeout = time;
    const auto client = MakeClient(options);
    const auto limit = DeadlineIn(time);
    CallContext context(Clock::time_point::max());
    PendingReply reply;
    client->Post({Target(server_.Url()), ""}, context, reply.Callback());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_THAT(Clock::now(), Ge(limit));
    // Before the client ends.
    EXPECT_TRUE(server_.AwaitPeerCloses(server_.connections()));
  }));
}

// By itself, libcurl 7.88.1 forgets one of two time limits that end in the same millisecond.
// Await() would then time out.
TEST_P(HttpTransportLimitsTest, TimeLimitsThatEndTogetherEndTheWait) {
  HttpClientOptions options = Options();
  options.connect_timeout = absl::Milliseconds(200);
  const auto client = MakeClient(options);
  const auto target = Target(server_.Url());
  for (int i = 0; i < 20; ++i) {
    CallContext context(DeadlineIn(absl::Milliseconds(200)));
    PendingReply reply;
    client->Post({target, ""}, context, reply.Callback());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_THAT(Clock::now(), Ge(context.deadline()));
    if (HasFailure()) break;
  }
}

TEST_P(HttpTransportLimitsTest, TheLongestTimeLimitsAreAccepted) {
  HttpClientOptions options = Options();
  options.request_timeout = absl::InfiniteDuration();
  options.connect_timeout = absl::InfiniteDuration();
  options.idle_timeout = absl::Hours(100000);
  const auto client = MakeClient(options);
  gate_.Open();
  CallContext context(Clock::time_point::max());
  PendingReply reply;
  client->Post({Target(server_.Url()), ""}, context, reply.Callback());
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_P(HttpTransportLimitsTest, IsUnavailableIfConnectingTakesTooLong) {
  HttpClientOptions options = Options();
  EXPECT_TRUE(WithTimeToConnect([&](absl::Duration time) {
    options.connect_timeout = time;
    const auto client = MakeClient(options);
    // The server waits for the end of a request, and the client for the server's TLS handshake.
    const std::string url = "https" + server_.Url().substr(4);
    EXPECT_THAT(Post(*client, Target(url)),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(absl::FormatDuration(time))));
    // Before the client ends.
    EXPECT_TRUE(server_.AwaitPeerCloses(server_.connections()));
  }));
}

// The connection is closed at once, or, if it may serve another call, at the limit for connecting.
TEST_P(HttpTransportLimitsTest, ADeadlineWhileConnectingIsADeadline) {
  HttpClientOptions options = Options();
  EXPECT_TRUE(WithTimeToConnect([&](absl::Duration time) {
    options.connect_timeout = 10 * time;
    const auto client = MakeClient(options);
    CallContext context(DeadlineIn(time));
    PendingReply reply;
    client->Post({Target("https" + server_.Url().substr(4)), ""}, context, reply.Callback());
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
    // Before the client ends.
    EXPECT_TRUE(server_.AwaitPeerCloses(server_.connections()));
  }));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportLimitsTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
